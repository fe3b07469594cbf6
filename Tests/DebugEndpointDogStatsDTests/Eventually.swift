// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

/// Asks until the answer is yes, for at most so long; returns whether it ever was.
func eventually(within limit: Duration = .seconds(20), _ question: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try question() { return true }
        usleep(2000)
    }
    return try question()
}

/// The same, and an issue when the answer never was yes.
func expectEventually(
    within limit: Duration = .seconds(20), at location: SourceLocation = #_sourceLocation, _ question: () throws -> Bool
) rethrows {
    let isSo = try eventually(within: limit, question)
    #expect(isSo, sourceLocation: location)
}

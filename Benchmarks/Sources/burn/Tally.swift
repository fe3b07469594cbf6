// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// The processor time that really went into each of the three, by the clock of the thread that ran them.
final class Tally: Sendable {
    private let times = Mutex<[String: Double]>([:])

    @inline(__always)
    func add<Result>(_ name: String, _ body: () -> Result) -> Result {
        let start = seconds(of: CLOCK_THREAD_CPUTIME_ID)
        let result = body()
        let spent = seconds(of: CLOCK_THREAD_CPUTIME_ID) - start
        times.withLock { $0[name, default: 0] += spent }
        return result
    }

    var current: [String: Double] { times.withLock { $0 } }
}

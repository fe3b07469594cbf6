// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Where visitors come and go: five hundred a second, each with four lines to say.
struct Lobby {
    /// The mistake: a session whose closure refers to it strongly outlives its visitor.
    let leavesCycles: Bool

    func run(until limit: ContinuousClock.Instant?) async {
        var visitors = 0
        while limit.map({ ContinuousClock.now < $0 }) ?? true {
            for _ in 0..<10 {
                visitors += 1
                let session = openSession(for: "visitor \(visitors)")
                for line in 1...4 { session.receive("line \(line), long enough to need memory\n") }
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Not inlined, so that the profile shows it by its name.
    @inline(never)
    private func openSession(for visitor: String) -> Session {
        let session = Session(visitor: visitor)
        if leavesCycles {
            session.onLine = { session.note("\(visitor): \($0)") }
        } else {
            session.onLine = { [weak session] in session?.note("\(visitor): \($0)") }
        }
        return session
    }
}

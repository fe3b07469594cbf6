// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// When rounds are due, by a clock that nobody sets: steps of the wall clock change nothing.
struct RoundSchedule {
    private let interval: Duration
    private(set) var next: ContinuousClock.Instant

    /// The first round is due at once.
    init(from start: ContinuousClock.Instant, every interval: Duration) {
        self.interval = interval
        next = start
    }

    func isDue(at now: ContinuousClock.Instant) -> Bool { now >= next }

    /// Rounds that were missed, as while the machine slept, are left out; the others keep their distance from the start.
    mutating func advance(at now: ContinuousClock.Instant) {
        next += interval
        guard next <= now else { return }
        // At most some 10^10: the interval is 0.1 s or more, and the clock begins with the machine.
        next += interval * (Int((next.duration(to: now) / interval).rounded(.down)) + 1)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A reading that costs something, kept for a multiple of what it cost, so that looking never slows the process noticeably.
package struct Kept<Value> {
    /// For how many times its cost a reading is kept: 100 is at most 1 % of one processor.
    private let factor: Int
    private let least: Duration
    private var value: Value?
    private var until: ContinuousClock.Instant?

    package init(factor: Int = 100, least: Duration = .milliseconds(50)) {
        self.factor = factor
        self.least = least
    }

    /// The kept reading, or a new one when its time is over. The clock is one that nobody can set.
    package mutating func current(_ read: () -> Value, now: () -> ContinuousClock.Instant = { .now }) -> Value {
        let start = now()
        if let value, let until, start < until { return value }
        let new = read()
        let end = now()
        value = new
        until = end + max((end - start) * factor, least)
        return new
    }
}

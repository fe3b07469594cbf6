// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Why a waiter will never wake.
package enum Verdict: String, Sendable {
    /// Nobody who is awake can reach what it waits on.
    case orphaned
    /// It waits, through others, for itself.
    case deadlock
    /// Who holds the lock has ended.
    case abandoned
    /// All that it waits for are leaked themselves.
    case blockedBehind = "blocked_behind"
}

/// A waiter that will never wake.
package struct LeakedWaiter: Sendable, Equatable {
    package let waiter: Int
    package let verdict: Verdict
    /// Those it waits for, leaked too; of a deadlock, the next ones in the cycle.
    package let behind: [Int]

    package init(waiter: Int, verdict: Verdict, behind: [Int]) {
        self.waiter = waiter
        self.verdict = verdict
        self.behind = behind
    }
}

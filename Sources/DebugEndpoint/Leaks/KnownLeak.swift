// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import LeakDetection

/// What a scan found of a waiter, for those that follow: a leak is for ever. As long as the wait is the same, words that happen to look
/// like references to what it waits on change nothing. Free of addresses, so that it can be kept.
struct KnownLeak {
    let wait: ProcessWaiter.Key
    let since: ContinuousClock.Instant
    let isProven: Bool
    private let verdict: Verdict
    /// The places of those it waits for.
    private let behind: [ProcessWaiter.Key]

    init(_ finding: LeakScan.Finding, _ waiters: [ProcessWaiter], since: ContinuousClock.Instant) {
        wait = finding.waiter.key
        self.since = since
        isProven = finding.isProven
        verdict = finding.leak.verdict
        behind = finding.leak.behind.map { waiters[$0].place }
    }

    /// The same in a later scan, in which it is this waiter.
    func leak(_ waiter: Int, _ indices: [ProcessWaiter.Key: Int]) -> LeakedWaiter {
        LeakedWaiter(waiter: waiter, verdict: verdict, behind: behind.compactMap { indices[$0] })
    }
}

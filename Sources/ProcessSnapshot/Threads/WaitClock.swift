// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// How long threads have been in the wait they are in, as far as looks tell. Process-wide: every look helps the next.
///
/// A lower bound: a wait begins to count when a look first sees it. Nobody looks on its own, so that nothing runs when nobody
/// asks. Safe from any thread.
final class WaitClock: Sendable {
    static let shared = WaitClock()

    private struct Wait {
        /// A digest: the addresses themselves, kept here for ever, would look like references to what somebody waits on.
        let activity: Int
        let switches: UInt64
        let since: ContinuousClock.Instant
    }

    private let waits = Mutex<[Int32: Wait]>([:])

    private static func digest(_ activity: ThreadRecord.Activity) -> Int {
        guard case .inCall(let call) = activity else { return 0 }
        var hasher = Hasher()
        hasher.combine(call.number)
        hasher.combine(call.arguments)
        hasher.combine(call.stackPointer)
        hasher.combine(call.programCounter)
        return hasher.finalize()
    }

    /// Notes what `records`, all threads of one look at `now`, wait for; returns how long each has been in its wait.
    func note(_ records: [ThreadRecord], at now: ContinuousClock.Instant) -> [Int32: Duration] {
        waits.withLock { waits in
            var noted: [Int32: Wait] = [:]
            var durations: [Int32: Duration] = [:]
            for record in records {
                guard case .inCall = record.activity else { continue }
                var wait = Wait(activity: Self.digest(record.activity), switches: record.switches, since: now)
                if let before = waits[record.id], before.activity == wait.activity, before.switches == wait.switches,
                    before.since <= now
                {
                    wait = before
                }
                noted[record.id] = wait
                durations[record.id] = now - wait.since
            }
            waits = noted
            return durations
        }
    }
}

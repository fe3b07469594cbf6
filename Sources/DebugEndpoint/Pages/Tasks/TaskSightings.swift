// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ProcessSnapshot
import Synchronization

/// Since when looks have found each task in the same wait.
///
/// The runtime keeps no such time. A task that went on meanwhile and came back to the same wait at the same place cannot
/// be told from one that never moved: so the page says "seen so for", and a first look knows of no wait. Safe from any thread.
final class TaskSightings: Sendable {
    private struct Sighting: Equatable {
        /// This and `waitedFor` are complements: the addresses themselves, kept here, would look like references to the tasks.
        let address: UInt
        let state: TaskSnapshot.State
        let kind: TaskSnapshot.Wait.Kind?
        let waitedFor: UInt
        let stack: [UInt]
        var since: ContinuousClock.Instant

        func isSame(as other: Sighting) -> Bool {
            address == other.address && state == other.state && kind == other.kind && waitedFor == other.waitedFor
                && stack == other.stack
        }
    }

    /// More tasks than that are not remembered: 100 000 with a reference to their stacks are some 8 MB.
    static let limit = 100_000

    private let sightings = Mutex<[UInt64: Sighting]>([:])

    /// Remembers this look in place of the last one; tasks that are gone are forgotten.
    /// - Returns: how long each waiting task has been seen so, without those that were not seen so before.
    func look(at snapshot: TasksSnapshot, now: ContinuousClock.Instant) -> [UInt64: Duration] {
        sightings.withLock { sightings in
            var next: [UInt64: Sighting] = [:]
            var durations: [UInt64: Duration] = [:]
            for task in snapshot.tasks.prefix(Self.limit) where task.state != .running {
                var sighting = Sighting(
                    address: ~task.address, state: task.state, kind: task.waitingOn?.kind,
                    waitedFor: ~(task.waitingOn?.address ?? 0), stack: task.stack, since: now)
                if let earlier = sightings[task.id], earlier.isSame(as: sighting), earlier.since <= now {
                    sighting.since = earlier.since
                    durations[task.id] = now - earlier.since
                }
                next[task.id] = sighting
            }
            sightings = next
            return durations
        }
    }
}

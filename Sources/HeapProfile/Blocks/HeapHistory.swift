// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The snapshots that the process keeps: four, so that growth can be asked for. Safe from any thread.
///
/// A fifth takes the place of the one that was taken or compared with longest ago, so that a snapshot that somebody compares
/// with again and again stays.
package final class HeapHistory: Sendable {
    package static let limit = 4

    private struct State {
        /// In order of their last use.
        var kept: [HeapSnapshot] = []
        var lastID: UInt64 = 0
    }
    private let state = Mutex(State())

    package init() {}

    /// An id for a snapshot; each is given once.
    package func nextID() -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    package func keep(_ snapshot: HeapSnapshot) {
        // What is dropped is freed after the lock.
        let dropped = state.withLock { state -> HeapSnapshot? in
            state.kept.append(snapshot)
            return state.kept.count > Self.limit ? state.kept.removeFirst() : nil
        }
        _ = consume dropped
    }

    /// The snapshot of that id, which counts as used; nil when it is not kept.
    package subscript(id: UInt64) -> HeapSnapshot? {
        state.withLock { state in
            guard let index = state.kept.firstIndex(where: { $0.id == id }) else { return nil }
            let snapshot = state.kept.remove(at: index)
            state.kept.append(snapshot)
            return snapshot
        }
    }

    /// What is kept, oldest first.
    package var snapshots: [HeapSnapshot] {
        state.withLock { $0.kept }.sorted { $0.id < $1.id }
    }
}

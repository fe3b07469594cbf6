// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import LeakDetection
import ProcessSnapshot

/// A thread or task that somebody else must wake.
enum ProcessWaiter {
    case thread(BlockedThread)
    case task(TaskLook)

    /// The same in every scan as long as it is in this wait, and free of addresses, so that it can be kept.
    struct Key: Hashable, Sendable {
        let isTask: Bool
        let id: UInt64
        let wait: UInt64
    }

    var key: Key {
        switch self {
        case .thread(let thread): Key(isTask: false, id: UInt64(thread.id), wait: thread.wait)
        case .task(let task): Key(isTask: true, id: task.id, wait: task.waitMark)
        }
    }

    /// As the key, but the same after a signal has interrupted a thread's wait: who is lost waits on.
    var place: Key {
        switch self {
        case .thread(let thread): Key(isTask: false, id: UInt64(thread.id), wait: thread.place)
        case .task: key
        }
    }

    /// Where what it waits on lies; nil where that has no place.
    var waitsOn: UInt? {
        switch self {
        case .thread(let thread): thread.futex
        case .task(let task): task.snapshot.waitingOn?.address
        }
    }

    /// Whether it waits for the same thing at the same place, though it may have been interrupted.
    var isInPlace: Bool {
        switch self {
        case .thread(let thread): thread.isInPlace()
        case .task(let task): task.isStillThere()
        }
    }

    var isStillThere: Bool {
        switch self {
        case .thread(let thread): thread.isStillThere()
        case .task(let task): task.isStillThere()
        }
    }
}

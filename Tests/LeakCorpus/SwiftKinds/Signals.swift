// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Waits for a signal that nobody gives.
import Foundation

let signalScenarios = [
    Scenario("pthread-condition", .swiftKind, stuck: 1, "waits for a pthread condition nobody else has") { stage in
        stage.thread("waiter", .orphaned(on: .condition)) {
            let (mutex, condition) = (PosixMutex(), PosixCondition())
            mutex.lock()
            while opaque(1) == 1 { condition.wait(mutex) }
        }
    },
    Scenario("nscondition", .swiftKind, stuck: 2, "two wait for an NSCondition nobody else has") { stage in
        let condition = NSCondition()
        for name in ["waiter-1", "waiter-2"] {
            stage.thread(name, .orphaned(on: .objectCondition)) {
                condition.lock()
                while opaque(1) == 1 { condition.wait() }
            }
        }
    },
    Scenario("posix-semaphore", .swiftKind, stuck: 1, "waits for a POSIX semaphore nobody else has") { stage in
        stage.thread("waiter", .orphaned(on: .semaphore)) { PosixSemaphore().wait() }
    },
    Scenario("posix-semaphore-on-a-stack", .swiftKind, stuck: 1, "waits for a POSIX semaphore in its own frame") {
        stage in
        stage.thread("waiter", .orphaned(on: .semaphore)) {
            withUnsafeTemporaryAllocation(of: sem_t.self, capacity: 1) { semaphore in
                guard let pointer = semaphore.baseAddress else { return }
                sem_init(pointer, 0, 0)
                PosixSemaphore.wait(pointer)
            }
        }
    },
    Scenario("dispatch-semaphore", .swiftKind, stuck: 3, "three wait for a DispatchSemaphore that nobody else has") {
        stage in
        let semaphore = DispatchSemaphore(value: 0)
        for number in 0..<3 {
            stage.thread("waiter-\(number)", .orphaned(on: .dispatchSemaphore)) { semaphore.wait() }
        }
    },
    Scenario("semaphore-in-a-dropped-cache", .swiftKind, stuck: 1, "the cache that kept the semaphore has dropped it") {
        stage in
        Cache.entries = ["key": CacheEntry()]
        if let entry = Cache.entries["key"] {
            stage.thread("waiter", .orphaned(on: .dispatchSemaphore)) { entry.isFilled.wait() }
        }
        untilThreadWaits("waiter")
        // Not the entry: what is removed leaves its bits in the storage.
        Cache.entries = [:]
    },
    Scenario(
        "semaphore-in-a-retain-cycle", .swiftKind, stuck: 1,
        "two objects keep each other and the semaphore, nobody keeps them"
    ) { stage in
        let (one, other) = (CycleNode(), CycleNode())
        one.other = other
        other.other = one
        let semaphore = one.semaphore
        stage.thread("waiter", .orphaned(on: .dispatchSemaphore)) { semaphore.wait() }
    },
    Scenario("semaphore-between-lost-threads", .swiftKind, stuck: 2, "each would signal the other, and both wait") {
        stage in
        let (one, other) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        for (name, mine, theirs) in [("waiter-1", one, other), ("waiter-2", other, one)] {
            stage.thread(name, .lost(on: .dispatchSemaphore)) {
                mine.wait()
                theirs.signal()
            }
        }
    },
    // Of the word in its record, as anybody may have it who was given the block by malloc before.
    Scenario(
        "semaphore-behind-a-storage-table", .swiftKind, stuck: 1,
        "somebody awake has an address in the block by which glibc finds the waiter's thread-local storage"
    ) { stage in
        stage.thread("waiter", .orphaned(on: .semaphore)) {
            StorageTable.address = StorageTable.ofThisThread
            PosixSemaphore().wait()
        }
    },
    Scenario("dispatch-group", .swiftKind, stuck: 1, "waits for a DispatchGroup that nobody leaves") { stage in
        stage.thread("waiter", .orphaned(on: .dispatchGroup)) {
            let group = DispatchGroup()
            group.enter()
            group.wait()
        }
    },
    Scenario("barrier", .swiftKind, stuck: 2, "two of three come to a barrier, and the third has ended") { stage in
        let barrier = Barrier(parties: 3)
        for name in ["party-1", "party-2"] { stage.thread(name, .orphaned(on: .barrier)) { barrier.wait() } }
        afterEnd { [barrier] in _ = barrier }
    },
]

let joinScenarios = [
    Scenario("join-of-a-lost-thread", .swiftKind, stuck: 2, "joins a thread that is lost") { stage in
        let handle = Handles(1)
        stage.expect(.thread, "lost", .orphaned(on: .dispatchSemaphore))
        handle.values[0] = startJoinableThread {
            nameThread("lost")
            DispatchSemaphore(value: 0).wait()
        }
        stage.thread("joiner", .blockedBehind(on: .join)) { pthread_join(handle.values[0], nil) }
    },
    // glibc refuses two that join each other, and does not look further.
    Scenario("ring-of-three-joins", .swiftKind, stuck: 3, "three threads, each joins the next") { stage in
        let handles = Handles(3)
        let steps = Steps()
        for number in 0..<3 {
            stage.expect(.thread, "joiner-\(number)", .deadlock(on: .join))
            handles.values[number] = startJoinableThread {
                nameThread("joiner-\(number)")
                steps.wait(for: 1)
                pthread_join(handles.values[(number + 1) % 3], nil)
            }
        }
        steps.done()
    },
]

private enum Cache {
    // Safe: used by the builder's thread only.
    nonisolated(unsafe) static var entries: [String: CacheEntry] = [:]
}

private enum StorageTable {
    // Safe: written by one thread, read by none.
    nonisolated(unsafe) static var address: UInt = 0

    /// The second word of glibc's record of a thread.
    static var ofThisThread: UInt {
        UnsafePointer<UInt>(bitPattern: UInt(pthread_self()))?[1] ?? 0
    }
}

private final class CacheEntry: Sendable {
    let isFilled = DispatchSemaphore(value: 0)
}

private final class CycleNode {
    let semaphore = DispatchSemaphore(value: 0)
    var other: CycleNode?
}

private final class Handles: @unchecked Sendable {
    // Safe: written before the step after which it is read.
    let values: UnsafeMutablePointer<pthread_t>

    init(_ count: Int) {
        values = .allocate(capacity: count)
        values.initialize(repeating: 0, count: count)
    }
}

private final class Barrier: @unchecked Sendable {
    // Safe: a pthread barrier is made for use from many threads, and never moves.
    private let pointer = UnsafeMutablePointer<pthread_barrier_t>.allocate(capacity: 1)

    init(parties: UInt32) { pthread_barrier_init(pointer, nil, parties) }

    @inline(never)
    func wait() { pthread_barrier_wait(pointer) }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation

let queueScenarios = [
    Scenario(
        "queue-sync-behind", .swiftKind, stuck: 2, "a queue's block waits for a lost semaphore, sync for the queue"
    ) { stage in
        let queue = DispatchQueue(label: "stuck-queue")
        let steps = Steps()
        stage.thread("holder", .orphaned(on: .dispatchSemaphore)) {
            queue.sync {
                steps.done()
                DispatchSemaphore(value: 0).wait()
            }
        }
        stage.thread("syncer", .blockedBehind(on: .queueSync)) {
            steps.wait(for: 1)
            queue.sync {}
        }
    },
    Scenario(
        "queue-sync-behind-async", .swiftKind, stuck: 3,
        "an async block waits for a lost semaphore, two syncs for the queue"
    ) { stage in
        let queue = DispatchQueue(label: "stuck-queue")
        let steps = Steps()
        stage.expect(.thread, "async-block", .orphaned(on: .dispatchSemaphore))
        queue.async {
            nameThread("async-block")
            steps.done()
            DispatchSemaphore(value: 0).wait()
        }
        for name in ["syncer-1", "syncer-2"] {
            stage.thread(name, .blockedBehind(on: .queueSync)) {
                steps.wait(for: 1)
                queue.sync {}
            }
        }
    },
    Scenario("queue-sync-ab-ba", .swiftKind, stuck: 2, "two queues, each syncs to the other") { stage in
        let (one, other) = (DispatchQueue(label: "one"), DispatchQueue(label: "other"))
        let steps = Steps()
        for (name, mine, theirs) in [("syncer-1", one, other), ("syncer-2", other, one)] {
            stage.thread(name, .deadlock(on: .queueSync)) {
                mine.sync {
                    steps.done()
                    steps.wait(for: 2)
                    theirs.sync {}
                }
            }
        }
    },
    Scenario("lock-and-queue", .swiftKind, stuck: 2, "a lock's holder syncs to a queue whose block wants the lock") {
        stage in
        let (lock, queue, steps) = (NSLock(), DispatchQueue(label: "wants-the-lock"), Steps())
        stage.thread("lock-holder", .deadlock(on: .queueSync)) {
            lock.lock()
            steps.done()
            steps.wait(for: 2)
            queue.sync {}
        }
        stage.thread("queue-holder", .deadlock(on: .lock)) {
            queue.sync {
                steps.done()
                steps.wait(for: 2)
                lock.lock()
            }
        }
    },
    Scenario("global-queue-and-lock", .swiftKind, stuck: 2, "the same with a lock and a queue that everybody can reach")
    { stage in
        let steps = Steps()
        stage.thread("lock-holder", .deadlock(on: .queueSync)) {
            GlobalLocks.first.lock()
            steps.done()
            steps.wait(for: 2)
            GlobalQueue.queue.sync {}
        }
        stage.thread("queue-holder", .deadlock(on: .lock)) {
            GlobalQueue.queue.sync {
                steps.done()
                steps.wait(for: 2)
                GlobalLocks.first.lock()
            }
        }
    },
    // The notification's block keeps the continuation, the group keeps the block, and nobody keeps the group.
    Scenario("group-notify", .swiftKind, stuck: 1, "a task waits for a group's notification; nobody leaves the group") {
        stage in
        stage.task("waiter", .orphaned(on: .continuation)) {
            let group = DispatchGroup()
            group.enter()
            await withCheckedContinuation { continuation in
                group.notify(queue: .global()) { continuation.resume() }
            }
        }
    },
    Scenario("work-item", .swiftKind, stuck: 1, "waits for a work item that nobody ever dispatches") { stage in
        stage.thread("waiter", .orphaned(on: .dispatchGroup)) {
            let item = DispatchWorkItem {}
            item.wait()
        }
    },
]

private enum GlobalQueue {
    static let queue = DispatchQueue(label: "global")
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// One wait on a lock, a condition or a group each.
import Foundation

let microLockScenarios = [
    Scenario("wait-group", .micro, stuck: 1, "waits for a group that nobody leaves") { stage in
        stage.thread("waiter", .orphaned(on: .dispatchGroup)) {
            let group = WaitGroup()
            group.add()
            group.wait()
        }
    },
    Scenario("wait-group-task", .micro, stuck: 1, "waits for a group that nobody leaves") { stage in
        stage.task("waiter", .orphaned(on: .continuation)) {
            let group = WaitGroup()
            group.add()
            await group.wait()
        }
    },
    // Go's program has a thousand; two hundred show the same and fit two cores.
    Scenario("mutex-stack", .micro, stuck: 200, "200 threads lock a mutex of their own stack twice") { stage in
        for number in 0..<200 {
            stage.thread("locker-\(number)", .deadlock(on: .mutex)) {
                withUnsafeTemporaryAllocation(of: pthread_mutex_t.self, capacity: 1) { mutex in
                    guard let mutex = mutex.baseAddress else { return }
                    pthread_mutex_init(mutex, nil)
                    pthread_mutex_lock(mutex)
                    pthread_mutex_lock(mutex)
                }
            }
        }
    },
    Scenario("mutex-heap", .micro, stuck: 200, "200 threads lock a lock that a parent which has ended made") { stage in
        for number in 0..<200 {
            startThread {
                let lock = NSLock()
                stage.thread("locker-\(number)", .deadlock(on: .lock)) {
                    lock.lock()
                    lock.lock()
                }
            }
        }
        until { stage.waiters.count == 200 }
    },
    Scenario("cond", .micro, stuck: 1, "waits for a condition that nobody signals") { stage in
        stage.thread("waiter", .orphaned(on: .condition)) {
            let mutex = PosixMutex()
            let condition = PosixCondition()
            mutex.lock()
            while true { condition.wait(mutex) }
        }
    },
    Scenario("rwmutex-rlock", .micro, stuck: 1, "has the lock for writing and wants it for reading") { stage in
        stage.thread("reader", .orphaned(on: .condition)) {
            let lock = ConditionReadWriteLock()
            lock.lockForWriting()
            lock.lockForReading()
        }
    },
    Scenario("rwmutex-lock", .micro, stuck: 1, "has the lock for writing and wants it again") { stage in
        stage.thread("writer", .orphaned(on: .condition)) {
            let lock = ConditionReadWriteLock()
            lock.lockForWriting()
            lock.lockForWriting()
        }
    },
]

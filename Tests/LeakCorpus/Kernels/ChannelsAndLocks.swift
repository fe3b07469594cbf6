// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation

let channelAndLockKernels = [
    // The holder of the lock sends to a keeper that wants the lock before it receives again.
    Scenario("etcd7492", .kernel, stuck: 3, "the lock's holder sends to a keeper that wants the lock") { stage in
        let (lock, added, group, steps) = (NSLock(), Channel(capacity: 1), WaitGroup(), Steps())
        group.add()
        stage.thread("assign", .lost(on: .channel)) {
            lock.lock()
            added.send(1)
            added.send(2)
            steps.done()
            added.send(3)  // the keeper has taken one, one is buffered, and this one waits
            lock.unlock()
            group.done()
        }
        stage.thread("keeper", .blockedBehind(on: .lock)) {
            while added.receive() != nil {
                steps.wait(for: 1)
                lock.lock()
                lock.unlock()
            }
        }
        stage.thread("parent", .lost(on: .dispatchGroup)) { group.wait() }
    },
    Scenario("grpc1460", .kernel, stuck: 2, "keep-alive waits for a wake-up under the lock that a new stream needs") {
        stage in
        let (lock, awake, steps) = (NSLock(), Channel(), Steps())
        stage.thread("keepalive", .lost(on: .channel)) {
            lock.lock()
            steps.done()
            _ = awake.receive()
            lock.unlock()
        }
        stage.thread("new-stream", .blockedBehind(on: .lock)) {
            steps.wait(for: 1)
            lock.lock()
            awake.close()
            lock.unlock()
        }
    },
    // The handler reports under the lock; who would read it wants the lock first; the controller waits for both.
    Scenario("istio16224", .kernel, stuck: 3, "a handler reports under a lock that the reader of reports wants first") {
        stage in
        let (lock, done, stopped, steps) = (NSLock(), Channel(), Channel(), Steps())
        stage.thread("handler", .lost(on: .channel)) {
            lock.lock()
            steps.done()
            done.send(1)
            lock.unlock()
            stopped.close()
        }
        stage.thread("creator", .blockedBehind(on: .lock)) {
            steps.wait(for: 1)
            lock.lock()
            _ = done.receive()
        }
        stage.thread("controller", .lost(on: .channel)) { _ = stopped.receive() }
    },
    Scenario("kubernetes6632", .kernel, stuck: 2, "a frame is announced under the write lock, which the monitor needs")
    { stage in
        let (writeLock, reset, steps) = (NSLock(), Channel(), Steps())
        stage.thread("write-frame", .lost(on: .channel)) {
            writeLock.lock()
            steps.done()
            reset.send(1)
            writeLock.unlock()
        }
        stage.thread("monitor", .blockedBehind(on: .lock)) {
            steps.wait(for: 1)
            writeLock.lock()
            reset.close()
            writeLock.unlock()
        }
    },
    Scenario("kubernetes1321", .kernel, stuck: 2, "events are sent under the lock that stopping a watcher needs") {
        stage in
        let (lock, result, steps) = (NSLock(), Channel(), Steps())
        stage.thread("distribute", .lost(on: .channel)) {
            lock.lock()
            steps.done()
            result.send(1)
            lock.unlock()
        }
        stage.thread("stop-watching", .blockedBehind(on: .lock)) {
            steps.wait(for: 1)
            lock.lock()
            result.close()
            lock.unlock()
        }
    },
]

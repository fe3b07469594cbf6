// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation

// A lock for readers keeps no note of who they are, so a cycle through it may show as what nobody alive can reach.
private let behindReaders = Fate.stuck(
    [.orphaned, .deadlock, .blockedBehind], on: .readWriteLock, certainty: [.proven])

let readerWriterKernels = [
    Scenario("cockroach3710", .kernel, stuck: 2, "reads, and reads again down the call chain; a writer came between") {
        stage in
        let store = ReadWriteLock()
        let steps = Steps()
        stage.thread("force-scan", behindReaders) {
            store.lockForReading()
            steps.done()
            untilThreadWaits("process-raft")
            store.lockForReading()
        }
        stage.thread("process-raft", behindReaders) {
            steps.wait(for: 1)
            store.lockForWriting()
        }
    },
    // The condition's lock is the reading side: after the wake it reads again while it still has it.
    Scenario("cockroach16167", .kernel, stuck: 2, "reads within a reader's condition; a writer came between") { stage in
        let systemConfig = ReadWriteLock()
        let steps = Steps()
        stage.thread("get-config", behindReaders) {
            systemConfig.lockForReading()
            steps.done()
            untilThreadWaits("executor-start")
            let query = { systemConfig.lockForReading() }
            query()
        }
        stage.thread("executor-start", behindReaders) {
            steps.wait(for: 1)
            systemConfig.lockForWriting()
        }
    },
    // Locking a URL holds the map's lock while it waits for the URL's own; unlocking a URL needs the map's.
    Scenario(
        "hugo3251", .kernel, stuck: 3, "the map's lock is held while waiting for a URL's, whose owner needs the map's"
    ) { stage in
        let remote = RemoteLock()
        let group = WaitGroup()
        let steps = Steps()
        group.add(2)
        stage.thread("unlock-url", .deadlock(on: .readWriteLock)) {
            remote.map.lockForWriting()
            remote.url.lock()
            remote.map.unlock()
            steps.done()
            untilThreadWaits("lock-url")
            remote.map.lockForReading()
            remote.url.unlock()
            group.done()
        }
        stage.thread("lock-url", .deadlock(on: .lock)) {
            steps.wait(for: 1)
            remote.map.lockForWriting()
            remote.url.lock()
            group.done()
        }
        stage.thread("parent", .lost(on: .dispatchGroup)) { group.wait() }
    },
    Scenario(
        "kubernetes58107", .kernel, stuck: 3,
        "a worker waits for work while it reads; a writer and the next reader wait for it"
    ) { stage in
        let controller = QuotaController()
        stage.thread("worker-1", .lost(on: .condition)) { controller.work() }
        untilThreadWaits("worker-1")
        stage.thread("sync", behindReaders) {
            controller.lock.lockForWriting()
            controller.queued.signal()
        }
        untilThreadWaits("sync")
        stage.thread("worker-2", behindReaders) { controller.work() }
    },
]

private final class RemoteLock: Sendable {
    let map = ReadWriteLock()
    let url = NSLock()
}

private final class QuotaController: Sendable {
    let lock = ReadWriteLock()
    let queue = PosixMutex()
    let queued = PosixCondition()

    @inline(never)
    func work() {
        lock.lockForReading()
        queue.lock()
        while opaque(1) == 1 { queued.wait(queue) }
    }
}

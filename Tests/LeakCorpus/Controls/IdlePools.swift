// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

let idlePoolControls: [Scenario] = [
    .control("idle-dispatch-pool", "Dispatch's workers have nothing to do") { _ in
        let group = DispatchGroup()
        for _ in 0..<8 { DispatchQueue.global().async(group: group) { usleep(2000) } }
        group.wait()
    },
    .control("idle-cooperative-pool", "the tasks' workers have nothing to do") { _ in
        let steps = Steps()
        for _ in 0..<100 {
            Task.detached {
                await Task.yield()
                steps.done()
            }
        }
        steps.wait(for: 100)
    },
    .control("idle-thread-pool", "four threads wait for work at a pool in a global") { stage in
        for number in 0..<4 { stage.thread("worker-\(number)", .waiting) { GlobalPool.pool.work() } }
        stage.onRelease { GlobalPool.pool.stop() }
    },
    .control("idle-thread-pool-of-a-reader", "four threads wait for work at a pool of a thread that reads a pipe") {
        stage in
        let (pool, bell) = (ThreadPool(), Bell())
        for number in 0..<4 { stage.thread("worker-\(number)", .waiting) { pool.work() } }
        stage.thread("owner", .blocked) { if bell.wait() == .release { pool.stop() } }
        stage.onCommands(ring: bell)
    },
    // Not lost: what they wait for comes as soon as any of them lets a worker go.
    .control("starved-pool", "every worker is blocked, and the task that would signal them is in the queue") { stage in
        let bell = Bell()
        let semaphore = DispatchSemaphore(value: 0)
        let steps = Steps()
        let width = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        stage.expect(.thread, "reader", .sleeping)
        stage.task("reads", .busy) {
            nameThread("reader")
            steps.done()
            _ = bell.wait()
        }
        steps.wait(for: 1)
        for number in 1..<width {
            stage.expect(.thread, "starved-\(number)", .sleeping)
            stage.task("waits-\(number)", .busy) {
                nameThread("starved-\(number)")
                steps.done()
                blockWorker(on: semaphore)
            }
        }
        steps.wait(for: width)
        stage.task("signals", .busy) { for _ in 1..<width { semaphore.signal() } }
        stage.onRelease { bell.ring() }
    },
    .control("operation-queue", "an operation queue has nothing to do, a second one is suspended with work") { _ in
        GlobalPool.operations.addOperation { usleep(1000) }
        GlobalPool.operations.waitUntilAllOperationsAreFinished()
        GlobalPool.suspended.isSuspended = true
        GlobalPool.suspended.addOperation {}
    },
    .control("timer-on-a-run-loop", "a Foundation thread runs a run loop with a timer of an hour") { stage in
        let steps = Steps()
        stage.thread("run-loop", .sleeping) {
            let timer = Timer(timeInterval: 3600, repeats: true) { _ in }
            RunLoop.current.add(timer, forMode: .default)
            steps.done()
            while opaque(1) == 1 { _ = RunLoop.current.run(mode: .default, before: .distantFuture) }
        }
        steps.wait(for: 1)
    },
]

@inline(never)
private func blockWorker(on semaphore: DispatchSemaphore) {
    semaphore.wait()
}

private enum GlobalPool {
    static let pool = ThreadPool()
    static let operations = OperationQueue()
    static let suspended = OperationQueue()
}

private final class ThreadPool: Sendable {
    private let condition = NSCondition()
    private let isStopped = Flag()

    @inline(never)
    func work() {
        condition.lock()
        while !isStopped.isSet { condition.wait() }
        condition.unlock()
    }

    func stop() {
        isStopped.set()
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }
}

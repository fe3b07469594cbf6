// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Waits that cross between threads and tasks.
import Foundation

/// An `NSLock` for code that Swift forbids to lock it: an asynchronous context.
final class NSLockBox: Sendable {
    private let inner = NSLock()
    @inline(never)
    func lock() { inner.lock() }
}

let bridgeScenarios = [
    Scenario("wait-inside-a-task", .swiftKind, stuck: 2, "a task blocks its thread for ever; another awaits the task") {
        stage in
        stage.expect(.thread, "blocked-thread", .orphaned(on: .dispatchSemaphore))
        let steps = Steps()
        let task = stage.keptTask("blocked", .either) {
            nameThread("blocked-thread")
            steps.done()
            block(on: DispatchSemaphore(value: 0))
        }
        steps.wait(for: 1)
        stage.task("awaiting", .blockedBehind(on: .task)) { await task.value }
    },
    Scenario(
        "thread-waits-for-a-lost-task", .swiftKind, stuck: 2,
        "a thread waits for the semaphore that a lost task would signal"
    ) { stage in
        let semaphore = DispatchSemaphore(value: 0)
        stage.thread("thread", .lost(on: .dispatchSemaphore)) { semaphore.wait() }
        stage.task("task", .orphaned(on: .continuation)) {
            await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            semaphore.signal()
        }
    },
    Scenario(
        "task-waits-for-a-lost-thread", .swiftKind, stuck: 2,
        "a task awaits the continuation that a lost thread would resume"
    ) { stage in
        stage.task("task", .lost(on: .continuation)) {
            await withCheckedContinuation { continuation in
                stage.thread("thread", .orphaned(on: .dispatchSemaphore)) {
                    DispatchSemaphore(value: 0).wait()
                    continuation.resume()
                }
            }
        }
        untilThreadWaits("thread")
    },
    Scenario("ring-through-both-worlds", .swiftKind, stuck: 2, "a thread waits for a task that waits for the thread") {
        stage in
        let semaphore = DispatchSemaphore(value: 0)
        stage.task("task", .lost(on: .continuation)) {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                stage.thread("thread", .lost(on: .dispatchSemaphore)) {
                    semaphore.wait()
                    continuation.resume()
                }
            }
            semaphore.signal()
        }
        untilThreadWaits("thread")
    },
    Scenario(
        "main-parked", .swiftKind, stuck: 1,
        "main parks on a semaphore of its own; a child waits for what only main has"
    ) { stage in
        let semaphore = DispatchSemaphore(value: 0)
        stage.thread("child", .lost(on: .dispatchSemaphore)) { semaphore.wait() }
        stage.expect(.thread, "LeakCorpus", .either)
        stage.onMain { park(keeping: semaphore) }
    },
]

@inline(never)
private func block(on semaphore: DispatchSemaphore) {
    semaphore.wait()
}

@inline(never)
private func park(keeping semaphore: DispatchSemaphore) {
    DispatchSemaphore(value: 0).wait()
    semaphore.signal()
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A wait that a cancellation handler ends: who can cancel the task, its parent, or a task that awaits it and passes the
// cancellation on, can wake it.
import Dispatch
import Synchronization

let cancelledControls: [Scenario] = [
    .control("cancel-through-an-awaiting-task", "a handle is kept of a task that passes its cancellation on") { stage in
        let inner = stage.keptTask("inner", .waiting) { await CancellableWait().run() }
        keep(
            stage.keptTask("outer", .waiting) {
                await withTaskCancellationHandler {
                    await inner.value
                } onCancel: {
                    inner.cancel()
                }
            }, stage)
    },
    .control("cancel-through-a-parent", "a handle is kept of a task whose group's children end when they are cancelled")
    { stage in
        for name in ["child-1", "child-2"] { stage.expect(.task, name, .waiting) }
        keep(
            stage.keptTask("parent", .waiting) {
                await withTaskGroup(of: Void.self) { group in
                    for name in ["child-1", "child-2"] {
                        group.addTask(name: name) { await CancellableWait().run() }
                    }
                }
                for name in ["child-1", "child-2"] { Stage.noteEnd(of: name) }
            }, stage)
    },
    .control("cancel-through-a-grandparent", "the same with an async let between") { stage in
        stage.expect(.task, "grandchild", .waiting)
        keep(
            stage.keptTask("grandparent", .waiting) {
                // Without a name, as all async lets.
                async let child: Void = withTaskGroup(of: Void.self) { group in
                    group.addTask(name: "grandchild") { await CancellableWait().run() }
                }
                await child
                Stage.noteEnd(of: "grandchild")
            }, stage)
        stage.expect(.task, nil, childOf: "grandparent", .waiting)
    },
    .control("cancel-by-a-sleeping-parent", "a parent sleeps and will then cancel its two children") { stage in
        for name in ["child-1", "child-2"] { stage.expect(.task, name, .waiting) }
        let isReleased = Flag()
        stage.task("parent", .busy) {
            await withTaskGroup(of: Void.self) { group in
                for name in ["child-1", "child-2"] {
                    group.addTask(name: name) { await CancellableWait().run() }
                }
                while !isReleased.isSet { try? await Task.sleep(for: .milliseconds(20)) }
                group.cancelAll()
            }
            for name in ["child-1", "child-2"] { Stage.noteEnd(of: name) }
        }
        stage.onRelease { isReleased.set() }
    },
    .control("cancel-of-a-task-that-blocks", "a handle is kept of a task that blocks until its handler signals") {
        stage in
        let steps = Steps()
        stage.expect(.thread, "blocked-thread", .waiting)
        keep(
            stage.keptTask("blocked", .busy) {
                let semaphore = DispatchSemaphore(value: 0)
                await withTaskCancellationHandler {
                    nameThread("blocked-thread")
                    steps.done()
                    wait(on: semaphore)
                    Stage.noteEnd(of: "blocked-thread")
                } onCancel: {
                    semaphore.signal()
                }
            }, stage)
        steps.wait(for: 1)
    },
    .control("cancel-wakes-another", "cancelling a lost task has its handler resume another one") { stage in
        let steps = Steps()
        stage.task("waiter", .waiting) {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                keep(
                    stage.keptTask("lost", .either) {
                        await withTaskCancellationHandler {
                            steps.done()
                            await loseForEver()
                        } onCancel: {
                            continuation.resume()
                        }
                    }, stage)
            }
        }
        steps.wait(for: 1)
    },
    .control("stream-of-a-task-that-can-be-cancelled", "a handle is kept of a task that iterates a lost stream") {
        stage in
        keep(
            stage.keptTask("consumer", .waiting) {
                for await _ in AsyncStream<Int>.makeStream().stream {}
            }, stage)
    },
]

private func loseForEver() async {
    await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
}

@inline(never)
private func wait(on semaphore: DispatchSemaphore) {
    semaphore.wait()
}

/// Until the scenario is released, which cancels the task, or does to it what is given here.
@inline(never)
func keep(
    _ handle: Task<Void, Never>, _ stage: Stage,
    onRelease wake: @escaping @Sendable (Task<Void, Never>) -> Void = { $0.cancel() }
) {
    Kept.handle.withLock { $0 = handle }
    stage.onRelease { Kept.handle.withLock { $0.map(wake) } }
    stage.onDrop { Kept.handle.withLock { $0 = nil } }
}

private enum Kept {
    static let handle = Mutex<Task<Void, Never>?>(nil)
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Jobs that have been queued and not run, as all workers are busy: only what carries them through the queue leads to them, and they
// alone have what others wait for.

let busyPoolControls: [Scenario] = [
    .control("yielding-behind-a-busy-pool", "a task has yielded, and nobody has time for it") { stage in
        withBusyPool(stage, .busy) {
            while !Pool.isFree.isSet { await Task.yield() }
        }
    },
    .control("task-behind-a-busy-pool", "a task that has not begun will resume another") { stage in
        let box = lostUnlessResumed(stage)
        withBusyPool(stage) { _ = Task.detached { box.resume() } }
    },
    .control("async-let-behind-a-busy-pool", "an async let that has not begun will resume another task") { stage in
        let box = lostUnlessResumed(stage)
        withBusyPool(stage, .waiting) {
            async let resumed: Void = box.resume()
            await resumed
        }
    },
    .control("group-behind-a-busy-pool", "children that have not begun will resume other tasks") { stage in
        let boxes = (0..<20).map { lostUnlessResumed(stage, "waiter-\($0)") }
        withBusyPool(stage, .waiting) {
            await withTaskGroup { group in
                for box in boxes { group.addTask { box.resume() } }
            }
        }
    },
    .control("resumed-behind-a-busy-pool", "a task that has been resumed, and did not yet go on, will resume another") {
        stage in
        let (box, first) = (lostUnlessResumed(stage), ContinuationBox())
        let steps = Steps()
        stage.task("first", .busy) {
            await withUnsafeContinuation { continuation in
                first.keep(continuation)
                steps.done()
            }
            box.resume()
        }
        steps.wait(for: 1)
        withBusyPool(stage) { first.resume() }
    },
]

/// A task waits for a continuation that only the box has.
@inline(never)
private func lostUnlessResumed(_ stage: Stage, _ name: String = "waiter") -> ContinuationBox {
    let box = ContinuationBox()
    waiter(stage, name) { box.keep($0) }
    return box
}

/// Has a worker run `body` while all others are busy and it has something else to do next: what `body` puts into the queue stays there
/// until the release. `fate` is that of the task that does so, nil where it ends.
@inline(never)
private func withBusyPool(_ stage: Stage, _ fate: Fate? = nil, _ body: @escaping @Sendable () async -> Void) {
    let (begun, isFull) = (Steps(), Flag())
    let work: @Sendable () async -> Void = {
        begun.done()
        until { isFull.isSet }
        await body()
    }
    if let fate { stage.task("queues", fate, work) } else { Task.detached(operation: work) }
    begun.wait(for: 1)
    occupyPool(stage, .busy) { !Pool.isFree.isSet }
    isFull.set()
    stage.onRelease { Pool.isFree.set() }
}

private enum Pool {
    static let isFree = Flag()
}

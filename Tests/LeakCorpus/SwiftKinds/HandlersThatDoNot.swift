// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A task can be cancelled, and has a handler for that, which does not resume it: it is as lost as one without.
import Synchronization

let cancellationHandlerScenarios = [
    Scenario(
        "handler-that-resumes-nobody", .swiftKind, stuck: 3,
        "handles are kept of tasks whose handlers cannot reach their continuations"
    ) { stage in
        for (index, body) in bodies.enumerated() {
            Kept.handles.append(stage.keptTask("lost-\(index)", .lostButHandle(on: .continuation), body))
        }
    },
    Scenario(
        "handler-of-a-child-that-resumes-nobody", .swiftKind, stuck: 3,
        "a parent that sleeps can cancel its children, whose handlers cannot reach their continuations"
    ) { stage in
        for index in bodies.indices { stage.expect(.task, "lost-\(index)", .orphaned(on: .continuation)) }
        stage.task("parent", .sleeping) {
            await withTaskGroup(of: Void.self) { group in
                for (index, body) in bodies.enumerated() { group.addTask(name: "lost-\(index)") { await body() } }
                while true { try? await Task.sleep(for: .seconds(3600)) }
            }
        }
    },
    Scenario(
        "continuation-in-a-frame-that-is-gone", .swiftKind, stuck: 1,
        "a task that waits for a kept continuation has had the lost one in a frame"
    ) { stage in
        let (box, steps) = (ContinuationBox(), Steps())
        stage.task("lost", .orphaned(on: .continuation)) {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                box.keep(continuation)
                steps.done()
            }
        }
        steps.wait(for: 1)
        stage.task("keeper", .waiting) {
            await borrow(box)
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                Kept.continuation.keep(continuation)
                steps.done()
            }
        }
        steps.wait(for: 2)
        stage.onRelease { Kept.continuation.take()?.resume() }
    },
]

private let bodies: [@Sendable () async -> Void] = [
    {
        let box = ContinuationBox()
        await withTaskCancellationHandler {
            await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        } onCancel: {
            box.take()?.resume()
        }
    },
    {
        let (box, count) = (ContinuationBox(), Steps())
        await withTaskCancellationHandler {
            await withCheckedContinuation { (_: CheckedContinuation<Void, Never>) in }
        } onCancel: {
            count.done()
            box.take()?.resume()
        }
    },
    {
        let (outer, inner) = ((ContinuationBox(), Steps()), (ContinuationBox(), Steps()))
        await withTaskCancellationHandler {
            await withTaskCancellationHandler {
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            } onCancel: {
                inner.1.done()
                inner.0.take()?.resume()
            }
        } onCancel: {
            outer.1.done()
            outer.0.take()?.resume()
        }
    },
]

/// Has the continuation in its frame, which is left as it is when this returns.
@inline(never)
private func borrow(_ box: ContinuationBox) async {
    let continuation = box.take()
    for _ in 0..<4 { await Task.yield() }
    look(continuation)
}

@inline(never)
private func look(_ continuation: UnsafeContinuation<Void, Never>?) {}

private enum Kept {
    // Safe: written by the builder alone.
    nonisolated(unsafe) static var handles: [Task<Void, Never>] = []
    static let continuation = ContinuationBox()
}

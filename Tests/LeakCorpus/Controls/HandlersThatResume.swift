// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What a cancellation handler may reach its task's continuation by. The handler does not escape, so that most of this lies in
// the frames of the task itself. Each is cancelled by its handle, and by a parent that is awake.
import Dispatch
import Synchronization

private typealias Continuation = UnsafeContinuation<Void, Never>

let cancellationHandlerControls = handlers.flatMap { handler in
    [
        Scenario.control("handler-with-\(handler.name)", "\(handler.summary); its handle is kept") { stage in
            if let (kind, name) = handler.other { stage.expect(kind, name, .waiting) }
            keep(stage.keptTask("waiter", .waiting) { await handler.wait() }, stage)
        },
        Scenario.control("handler-of-a-child-with-\(handler.name)", "\(handler.summary); its parent sleeps") { stage in
            stage.expect(.task, "waiter", .waiting)
            if let (kind, name) = handler.other { stage.expect(kind, name, .waiting) }
            let isReleased = Flag()
            stage.task("parent", .busy) {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask(name: "waiter") { await handler.wait() }
                    while !isReleased.isSet { try? await Task.sleep(for: .milliseconds(20)) }
                    group.cancelAll()
                }
                Stage.noteEnd(of: "waiter")
            }
            stage.onRelease { isReleased.set() }
        },
    ]
}

private struct Handler: Sendable {
    let name: String
    let summary: String
    /// Who waits beside the task itself.
    var other: (kind: Stage.Waiter.Kind, name: String)?
    let wait: @Sendable () async -> Void
}

private let handlers = [
    Handler(name: "a-box", summary: "the handler has an object that has it") {
        let box = ContinuationBox()
        await withTaskCancellationHandler {
            await withUnsafeContinuation { box.keep($0) }
        } onCancel: {
            box.resume()
        }
    },
    Handler(name: "two-boxes", summary: "the handler has two objects, in the frame") {
        let (box, other) = (ContinuationBox(), ContinuationBox())
        await withTaskCancellationHandler {
            await withUnsafeContinuation { box.keep($0) }
        } onCancel: {
            other.resume()
            box.resume()
        }
    },
    Handler(name: "a-mutex", summary: "the handler has a Mutex in the frame") {
        let kept = Mutex<Continuation?>(nil)
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in kept.withLock { $0 = continuation } }
        } onCancel: {
            kept.withLock { $0.take() }?.resume()
        }
    },
    Handler(name: "a-variable", summary: "the handler has the address of a variable") {
        // Safe: what is read by the handler was written before anybody was told to cancel.
        nonisolated(unsafe) var kept: Continuation?
        await withTaskCancellationHandler {
            await withUnsafeContinuation { kept = $0 }
        } onCancel: {
            kept?.resume()
        }
    },
    Handler(name: "an-actor", summary: "the handler begins a task that asks an actor") {
        let keeper = Keeper()
        await withTaskCancellationHandler {
            await keeper.wait()
        } onCancel: {
            Task { await keeper.resume() }
        }
    },
    Handler(
        name: "a-stream", summary: "the handler finishes the stream that is iterated", other: (.task, "iterator")
    ) {
        let (stream, continuation) = AsyncStream<Int>.makeStream()
        await withTaskCancellationHandler {
            // Not this task's own wait, which its own handler ends.
            await Task.detached(name: "iterator") {
                for await _ in stream {}
                Stage.noteEnd(of: "iterator")
            }.value
        } onCancel: {
            continuation.finish()
        }
    },
    Handler(name: "a-checked-continuation", summary: "the handler has an object that has the checked continuation") {
        let kept = Checked()
        await withTaskCancellationHandler {
            await withCheckedContinuation { kept.keep($0) }
        } onCancel: {
            kept.resume()
        }
    },
    Handler(name: "an-outer-handler", summary: "the outer one of two handlers resumes it") {
        let (box, other) = (ContinuationBox(), ContinuationBox())
        await withTaskCancellationHandler {
            await withTaskCancellationHandler {
                await withUnsafeContinuation { box.keep($0) }
            } onCancel: {
                other.resume()
            }
        } onCancel: {
            box.resume()
            other.resume()
        }
    },
    Handler(name: "an-inner-handler", summary: "the inner one of two handlers resumes it") {
        let (box, other) = (ContinuationBox(), ContinuationBox())
        await withTaskCancellationHandler {
            await withTaskCancellationHandler {
                await withUnsafeContinuation { box.keep($0) }
            } onCancel: {
                box.resume()
                other.resume()
            }
        } onCancel: {
            other.resume()
        }
    },
    Handler(name: "a-closure-that-does-not-escape", summary: "the handler has a closure whose captures are in a frame")
    {
        let (box, other) = (ContinuationBox(), ContinuationBox())
        await whenCancelled {
            other.resume()
            box.resume()
        } run: {
            await withUnsafeContinuation { box.keep($0) }
        }
    },
    Handler(name: "a-generic-value", summary: "the handler has a value of a type that its code does not know") {
        let box = ContinuationBox()
        await resumeWhenCancelled(Pair(first: ContinuationBox(), second: box)) {
            await withUnsafeContinuation { box.keep($0) }
        }
    },
    Handler(name: "a-thread", summary: "the handler signals a thread that has it", other: (.thread, "waker")) {
        let semaphore = DispatchSemaphore(value: 0)
        await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: Continuation) in
                let helper = ContinuationBox()
                helper.keep(continuation)
                startThread {
                    nameThread("waker")
                    semaphore.wait()
                    Stage.noteEnd(of: "waker")
                    helper.resume()
                }
            }
        } onCancel: {
            semaphore.signal()
        }
    },
    Handler(name: "a-weak-reference", summary: "the handler has an object weakly, which the frame keeps") {
        let box = ContinuationBox()
        await withTaskCancellationHandler {
            await withUnsafeContinuation { box.keep($0) }
        } onCancel: { [weak box] in
            box?.resume()
        }
        withExtendedLifetime(box) {}
    },
]

@inline(never)
private func whenCancelled(_ handle: @Sendable () -> Void, run: () async -> Void) async {
    await withTaskCancellationHandler {
        await run()
    } onCancel: {
        handle()
    }
}

private protocol Resumable: Sendable {
    func resume()
}

@inline(never)
@_optimize(none)
private func resumeWhenCancelled<Value: Resumable>(_ value: Value, run: () async -> Void) async {
    await withTaskCancellationHandler {
        await run()
    } onCancel: {
        value.resume()
    }
}

private struct Pair: Resumable {
    let first: ContinuationBox
    let second: ContinuationBox
    func resume() {
        first.resume()
        second.resume()
    }
}

extension ContinuationBox: Resumable {}

private final class Checked: Sendable {
    private let continuation = Mutex<CheckedContinuation<Void, Never>?>(nil)
    func keep(_ continuation: CheckedContinuation<Void, Never>) { self.continuation.withLock { $0 = continuation } }
    func resume() { continuation.withLock { $0.take() }?.resume() }
}

private actor Keeper {
    private var continuation: Continuation?
    func wait() async { await withUnsafeContinuation { continuation = $0 } }
    func resume() { continuation.take()?.resume() }
}

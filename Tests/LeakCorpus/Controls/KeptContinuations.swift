// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

private typealias Continuation = UnsafeContinuation<Void, Never>

/// A task waits until what `keep` was given is resumed.
@inline(never)
func waiter(
    _ stage: Stage, _ name: String = "waiter", keep: @escaping @Sendable (UnsafeContinuation<Void, Never>) -> Void
) {
    let steps = Steps()
    stage.task(name, .waiting) {
        await withUnsafeContinuation { (continuation: Continuation) in
            keep(continuation)
            steps.done()
        }
    }
    steps.wait(for: 1)
}

let keptContinuationControls: [Scenario] = [
    .control("continuation-in-an-array", "a global array keeps three continuations") { stage in
        for number in 0..<3 {
            waiter(stage, "waiter-\(number)") { continuation in Kept.array.withLock { $0.append(continuation) } }
        }
        stage.onRelease { Kept.resumeAll() }
        stage.onDrop { Kept.array.withLock { $0 = [] } }
    },
    .control("continuation-in-a-dictionary", "a global dictionary keeps three continuations") { stage in
        for number in 0..<3 {
            waiter(stage, "waiter-\(number)") { continuation in Kept.dictionary.withLock { $0[number] = continuation } }
        }
        stage.onRelease {
            Kept.dictionary.withLock { kept in
                for continuation in kept.values { continuation.resume() }
            }
        }
        stage.onDrop { Kept.dictionary.withLock { $0 = [:] } }
    },
    .control("continuation-in-a-class", "a field of an object in a global keeps the continuation") { stage in
        waiter(stage) { continuation in Kept.object.withLock { $0 = Field(continuation) } }
        stage.onRelease { Kept.object.withLock { $0?.continuation.resume() } }
        stage.onDrop { Kept.object.withLock { $0 = nil } }
    },
    .control("continuation-in-a-class-and-its-handle-too", "an object keeps the continuation, an array the handle") {
        stage in
        let steps = Steps()
        let task = stage.keptTask("waiter", .waiting) {
            await withUnsafeContinuation { (continuation: Continuation) in
                Kept.object.withLock { $0 = Field(continuation) }
                steps.done()
            }
        }
        Kept.handles.withLock { $0.append(task) }
        steps.wait(for: 1)
        stage.onRelease { Kept.object.withLock { $0?.continuation.resume() } }
    },
    .control("continuation-in-an-actor", "an actor's state keeps the continuation") { stage in
        let actor = Waiting()
        Kept.actor.withLock { $0 = actor }
        let steps = Steps()
        stage.task("waiter", .waiting) { await actor.wait(steps) }
        steps.wait(for: 1)
        stage.onRelease {
            guard let actor = Kept.actor.withLock({ $0 }) else { return }
            Task.detached { await actor.resume() }
        }
        stage.onDrop { Kept.actor.withLock { $0 = nil } }
    },
    .control("checked-continuation-in-an-optional", "a global optional keeps a checked continuation") { stage in
        let steps = Steps()
        stage.task("waiter", .waiting) {
            await withCheckedContinuation { continuation in
                Kept.checked.withLock { $0 = continuation }
                steps.done()
            }
        }
        steps.wait(for: 1)
        stage.onRelease { Kept.checked.withLock { $0?.resume() } }
        stage.onDrop { Kept.checked.withLock { $0 = nil } }
    },
    .control("continuation-in-a-closure", "a global closure captures the continuation") { stage in
        waiter(stage) { continuation in Kept.closure.withLock { $0 = { continuation.resume() } } }
        stage.onRelease { Kept.closure.withLock { $0?() } }
        stage.onDrop { Kept.closure.withLock { $0 = nil } }
    },
    .control("continuation-in-an-existential", "a global Any keeps a value of five words with the continuation last") {
        stage in
        waiter(stage) { continuation in Kept.anything.withLock { $0 = Wide(continuation: continuation) } }
        stage.onRelease { Kept.anything.withLock { ($0 as? Wide)?.continuation.resume() } }
        stage.onDrop { Kept.anything.withLock { $0 = nil } }
    },
    .control("continuation-of-a-sleeping-task", "the frame of a task that sleeps keeps the continuation") { stage in
        let steps = Steps()
        let isReleased = Kept.isReleased
        stage.task("waiter", .waiting) {
            await withUnsafeContinuation { (continuation: Continuation) in
                stage.task("sleeper", .busy) {
                    steps.done()
                    while !isReleased.isSet { try? await Task.sleep(for: .milliseconds(20)) }
                    continuation.resume()
                }
            }
        }
        steps.wait(for: 1)
        stage.onRelease { Kept.isReleased.set() }
    },
    .control("continuation-behind-a-task-local", "a task-local value of a sleeping task keeps the continuation") {
        stage in
        let isReleased = Kept.isReleased
        let steps = Steps()
        stage.task("waiter", .waiting) {
            await withUnsafeContinuation { (continuation: Continuation) in
                Kept.$local.withValue(Field(continuation)) {
                    _ = Task {
                        steps.done()
                        while !isReleased.isSet { try? await Task.sleep(for: .milliseconds(20)) }
                        Kept.local?.continuation.resume()
                    }
                }
            }
        }
        steps.wait(for: 1)
        stage.onRelease { Kept.isReleased.set() }
    },
    .control("stream-with-a-kept-continuation", "a global keeps the stream's continuation") { stage in
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        Kept.stream.withLock { $0 = continuation }
        stage.task("consumer", .waiting) { for await _ in stream {} }
        stage.onRelease { Kept.stream.withLock { $0?.finish() } }
        stage.onDrop { Kept.stream.withLock { $0 = nil } }
    },
    .control("value-of-a-task-with-a-kept-continuation", "a task awaits one that awaits one whose continuation is kept")
    { stage in
        let steps = Steps()
        let inner = stage.keptTask("inner", .waiting) {
            await withUnsafeContinuation { (continuation: Continuation) in
                Kept.array.withLock { $0.append(continuation) }
                steps.done()
            }
        }
        steps.wait(for: 1)
        let middle = stage.keptTask("middle", .waiting) { await inner.value }
        stage.task("outer", .waiting) {
            await withTaskGroup(of: Void.self) { group in
                group.addTask(name: "child") {
                    await middle.value
                    Stage.noteEnd(of: "child")
                }
            }
        }
        stage.expect(.task, "child", .waiting)
        stage.onRelease { Kept.resumeAll() }
        stage.onDrop { Kept.array.withLock { $0 = [] } }
    },
    .control("continuation-of-a-child-in-the-parents-frame", "a kept task's frame keeps an async let's continuation") {
        stage in
        let steps = Steps()
        stage.task("parent", .waiting) {
            let box = Mutex<Continuation?>(nil)
            async let child: Void = withUnsafeContinuation { continuation in
                box.withLock { $0 = continuation }
                steps.done()
            }
            await withUnsafeContinuation { continuation in
                Kept.array.withLock { $0.append(continuation) }
                steps.done()
            }
            box.withLock { $0.take() }?.resume()
            await child
        }
        stage.expect(.task, nil, childOf: "parent", .waiting)
        steps.wait(for: 2)
        stage.onRelease { Kept.resumeAll() }
        stage.onDrop { Kept.array.withLock { $0 = [] } }
    },
]

private final class Field: Sendable {
    let continuation: Continuation
    init(_ continuation: Continuation) { self.continuation = continuation }
}

private struct Wide: Sendable {
    var padding = (1, 2, 3, 4)
    let continuation: Continuation
}

private actor Waiting {
    private var continuation: Continuation?

    func wait(_ steps: Steps) async {
        await withUnsafeContinuation { continuation in
            self.continuation = continuation
            steps.done()
        }
    }

    func resume() { continuation?.resume() }
}

final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}

private enum Kept {
    static let array = Mutex<[Continuation]>([])
    static let dictionary = Mutex<[Int: Continuation]>([:])
    static let object = Mutex<Field?>(nil)
    static let actor = Mutex<Waiting?>(nil)
    static let checked = Mutex<CheckedContinuation<Void, Never>?>(nil)
    static let closure = Mutex<(@Sendable () -> Void)?>(nil)
    static let anything = Mutex<(any Sendable)?>(nil)
    static let handles = Mutex<[Task<Void, Never>]>([])
    static let stream = Mutex<AsyncStream<Int>.Continuation?>(nil)
    static let isReleased = Flag()
    @TaskLocal static var local: Field?

    static func resumeAll() {
        array.withLock { kept in
            for continuation in kept { continuation.resume() }
        }
    }
}

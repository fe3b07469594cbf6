// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import Synchronization

private actor StuckActor {
    func stuck() { wait(DispatchSemaphore(value: 0)) }
    private(set) var count = 0
    func quick() { count += isOver.load(ordering: .relaxed) ? 2 : 1 }
}

private final class Keeper: @unchecked Sendable {
    // Safe: written once by the task that keeps it.
    var continuation: CheckedContinuation<Void, Never>?
}

private func wait(_ semaphore: DispatchSemaphore) { semaphore.wait() }

/// Tasks that can never go on.
enum StuckTasks {
    static let names: Set<String> = [
        "leak-unsafe", "leak-cycle", "leak-awaited", "leak-awaiting", "leak-stream", "leak-group-parent", "leak-child",
        "leak-behind", "leak-let",
    ]

    @inline(never)
    static func start() {
        continuations()
        awaits()
        groups()
        actors()
    }

    @inline(never) private static func continuations() {
        _ = Task(name: "leak-unsafe") { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
        _ = Task(name: "leak-cycle") {
            let keeper = Keeper()
            await withCheckedContinuation { keeper.continuation = $0 }
            withExtendedLifetime(keeper) {}
        }
        _ = Task(name: "leak-stream") {
            let (stream, continuation) = AsyncStream<Int>.makeStream()
            continuation.yield(1)
            for await _ in stream {}
        }
    }

    @inline(never) private static func awaits() {
        let awaited = Task(name: "leak-awaited") {
            await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        }
        _ = Task(name: "leak-awaiting") { await awaited.value }
        _ = Task(name: "leak-let") {
            async let nothing: Void = withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            await nothing
        }
    }

    @inline(never) private static func groups() {
        _ = Task(name: "leak-group-parent") {
            await withTaskGroup(of: Void.self) { group in
                group.addTask(name: "leak-child") {
                    await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
                }
                group.addTask(name: "child-that-ends") {}
            }
        }
    }

    @inline(never) private static func actors() {
        let actor = StuckActor()
        _ = Task.detached(name: "leak-on-actor") { await actor.stuck() }
        usleep(200_000)
        _ = Task.detached(name: "leak-behind") { await actor.quick() }
    }
}

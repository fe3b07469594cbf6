// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

let continuationScenarios = [
    Scenario("unsafe-continuation", .swiftKind, stuck: 1, "the continuation is lost at once") { stage in
        stage.task("waiter", .orphaned(on: .continuation)) {
            await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        }
    },
    Scenario("unsafe-throwing-continuation", .swiftKind, stuck: 1, "the throwing continuation is lost at once") {
        stage in
        stage.task("waiter", .orphaned(on: .continuation)) {
            try? await withUnsafeThrowingContinuation { (_: UnsafeContinuation<Void, any Error>) in }
        }
    },
    Scenario("checked-continuation", .swiftKind, stuck: 1, "the checked continuation is lost; its last words say so") {
        stage in
        stage.task("waiter", .orphaned(on: .continuation)) {
            await withCheckedContinuation { (_: CheckedContinuation<Void, Never>) in }
        }
    },
    Scenario("checked-throwing-continuation", .swiftKind, stuck: 1, "the checked throwing continuation is lost") {
        stage in
        stage.task("waiter", .orphaned(on: .continuation)) {
            _ = try? await withCheckedThrowingContinuation { (_: CheckedContinuation<Int, any Error>) in }
        }
    },
    Scenario("early-return-on-error", .swiftKind, stuck: 1, "a completion handler returns early and calls nobody") {
        stage in
        stage.task("waiter", .orphaned(on: .continuation)) {
            await withCheckedContinuation { continuation in fetch { continuation.resume() } }
        }
    },
    Scenario(
        "continuation-removed-from-a-dictionary", .swiftKind, stuck: 1,
        "an entry is overwritten and its continuation lost"
    ) { stage in
        let steps = Steps()
        for name in ["first", "second"] {
            stage.task(name, name == "first" ? .orphaned(on: .continuation) : .waiting) {
                await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                    Pending.shared.entries.withLock { $0["key"] = continuation }
                    steps.done()
                }
            }
            steps.wait(for: name == "first" ? 1 : 2)
        }
        stage.onRelease { Pending.shared.entries.withLock { $0.removeValue(forKey: "key") }?.resume() }
    },
    // The continuation's check says nothing here: it is never destroyed.
    Scenario(
        "continuation-in-a-retain-cycle", .swiftKind, stuck: 1, "an object that keeps itself keeps the continuation"
    ) { stage in
        stage.task("waiter", .orphaned(on: .continuation)) {
            await withCheckedContinuation { continuation in
                let holder = SelfKeeper()
                holder.finish = { [holder] in
                    continuation.resume()
                    holder.finish = nil
                }
            }
        }
    },
    // What libdispatch carried jobs in still has their addresses, where others are by now; whose cache it is in never sleeps.
    Scenario(
        "continuations-lost-in-a-busy-pool", .swiftKind, stuck: 200, "what ran the tasks has been busy ever since"
    ) { stage in
        let steps = Steps()
        Task.detached {
            for _ in 0..<20 {
                await withTaskGroup { group in for _ in 0..<500 { group.addTask { await Task.yield() } } }
            }
            for number in 0..<200 {
                stage.task("waiter-\(number)", .orphaned(on: .continuation)) { await lose(steps, below: 8) }
            }
        }
        steps.wait(for: 200)
        occupyPool(stage, .either) { opaque(1) == 1 }
    },
    Scenario("continuations-of-each-other", .swiftKind, stuck: 2, "each of two waiting tasks would resume the other") {
        stage in
        let (one, other) = (Channel(), Channel())
        for (name, mine, theirs) in [("first", one, other), ("second", other, one)] {
            stage.task(name, .lost(on: .continuation)) {
                _ = await mine.receive()
                theirs.close()
            }
        }
    },
    Scenario("cancellation-handler", .swiftKind, stuck: 1, "only cancelling would resume it, and nobody has its handle")
    { stage in
        stage.task("waiter", .orphaned(on: .continuation)) { await CancellableWait().run() }
    },
    Scenario("many-continuations", .swiftKind, stuck: 1000, "a thousand tasks, a thousand lost continuations") {
        stage in
        for number in 0..<1000 {
            stage.task("waiter-\(number)", .orphaned(on: .continuation)) {
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            }
        }
    },
    // Between the lost ones run those that are kept: no stale copy of one may save or accuse another.
    Scenario("lost-among-kept", .swiftKind, stuck: 100, "every other continuation is kept in a global array") { stage in
        let steps = Steps()
        for number in 0..<200 {
            let isLost = number % 2 == 0
            stage.task("waiter-\(number)", isLost ? .orphaned(on: .continuation) : .waiting) {
                await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                    if !isLost { Pending.shared.list.withLock { $0.append(continuation) } }
                    steps.done()
                }
            }
        }
        steps.wait(for: 200)
        stage.onRelease {
            Pending.shared.list.withLock { list in
                for continuation in list { continuation.resume() }
                list = []
            }
        }
    },
]

/// A wait that ends when its task is cancelled.
final class CancellableWait: Sendable {
    private let continuation = Mutex<UnsafeContinuation<Void, Never>?>(nil)

    func run() async {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                self.continuation.withLock { $0 = continuation }
            }
        } onCancel: {
            continuation.withLock { $0.take() }?.resume()
        }
    }
}

private final class Pending: Sendable {
    static let shared = Pending()
    let entries = Mutex<[String: UnsafeContinuation<Void, Never>]>([:])
    let list = Mutex<[UnsafeContinuation<Void, Never>]>([])
}

private final class SelfKeeper {
    var finish: (() -> Void)?
}

@inline(never)
private func fetch(_ completion: @escaping @Sendable () -> Void) {
    startThread {
        guard opaque(1) == 0 else { return }  // the error
        completion()
    }
}

/// Waits for ever in frames that take more than a task has at first.
@inline(never)
private func lose(_ steps: Steps, below depth: Int) async {
    var frame = InlineArray<32, Int>(repeating: depth)
    touch(&frame)
    if depth > 0 {
        await lose(steps, below: depth - 1)
    } else {
        await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in steps.done() }
    }
    touch(&frame)
}

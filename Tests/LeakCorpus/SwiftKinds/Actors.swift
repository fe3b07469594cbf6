// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Synchronization

// One thread of the pool blocks in each of these, so that they need a pool of two.
let actorScenarios = [
    Scenario(
        "actor-with-a-stuck-job", .swiftKind, stuck: 4,
        "an actor's job blocks its thread for ever; three are queued behind it"
    ) { stage in
        let actor = StuckActor()
        let steps = Steps()
        stage.expect(.thread, "actor-job", .orphaned(on: .dispatchSemaphore))
        stage.task("runner", .either) { await actor.block(steps) }
        steps.wait(for: 1)
        for number in 0..<3 {
            stage.task("queued-\(number)", .blockedBehind(on: .actor)) { await actor.look() }
        }
    },
    Scenario(
        "actor-with-a-stuck-lock", .swiftKind, stuck: 4,
        "an actor's job waits for a lock of a lost thread; one is queued, one awaits it"
    ) { stage in
        let actor = StuckActor()
        let lock = NSLockBox()
        let steps = Steps()
        stage.thread("lock-holder", .orphaned(on: .dispatchSemaphore)) {
            lock.lock()
            steps.done()
            DispatchSemaphore(value: 0).wait()
        }
        stage.expect(.thread, "actor-job", .blockedBehind(on: .lock))
        steps.wait(for: 1)
        stage.task("runner", .either) { await actor.lock(lock, steps) }
        steps.wait(for: 2)
        let queued = stage.keptTask("queued", .blockedBehind(on: .actor)) { await actor.look() }
        stage.task("awaiting", .blockedBehind(on: .task)) { await queued.value }
    },
    Scenario(
        "group-child-behind-an-actor", .swiftKind, stuck: 3, "a group waits for a child that is queued on a stuck actor"
    ) { stage in
        let actor = StuckActor()
        let steps = Steps()
        stage.expect(.thread, "actor-job", .orphaned(on: .dispatchSemaphore))
        stage.task("runner", .either) { await actor.block(steps) }
        steps.wait(for: 1)
        stage.task("parent", .blockedBehind(on: .group)) {
            await withTaskGroup(of: Void.self) { group in
                group.addTask(name: "child") { await actor.look() }
            }
        }
        stage.expect(.task, "child", .blockedBehind(on: .actor))
    },
    Scenario(
        "main-actor-with-a-stuck-job", .swiftKind, stuck: 3,
        "the main actor's job blocks the main thread for ever; two are queued behind it"
    ) { stage in
        let isBlocked = Flag()
        stage.expect(.thread, "LeakCorpus", .orphaned(on: .dispatchSemaphore))
        stage.task("runner", .either) { await blockMain(isBlocked) }
        for number in 0..<2 {
            stage.task("queued-\(number)", .blockedBehind(on: .actor)) {
                while !isBlocked.isSet { try? await Task.sleep(for: .milliseconds(5)) }
                await lookAtMain()
            }
        }
        stage.onMain { RunLoop.main.run() }
    },
    // An actor whose job is only suspended is free: nobody queues behind it.
    Scenario(
        "actor-with-a-suspended-job", .swiftKind, stuck: 1, "an actor's job awaits a lost continuation; others pass"
    ) { stage in
        let actor = StuckActor()
        let steps = Steps()
        stage.task("suspended", .orphaned(on: .continuation)) { await actor.suspend(steps) }
        steps.wait(for: 1)
        stage.task("passing", .busy) {
            await actor.look()
            steps.done()
        }
        steps.wait(for: 2)
    },
]

@MainActor private func blockMain(_ isBlocked: Flag) {
    isBlocked.set()
    DispatchSemaphore(value: 0).wait()
}

@MainActor private func lookAtMain() {}

actor StuckActor {
    private var looks = 0

    func look() { looks += 1 }

    func block(_ steps: Steps) {
        nameThread("actor-job")
        steps.done()
        DispatchSemaphore(value: 0).wait()
    }

    func lock(_ lock: NSLockBox, _ steps: Steps) {
        nameThread("actor-job")
        steps.done()
        lock.lock()
    }

    func suspend(_ steps: Steps) async {
        looks += 1
        steps.done()
        await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

private func lose() async {
    await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
}

private struct Refusal: Error {}

let awaitedTaskScenarios = [
    Scenario("task-value-chain", .swiftKind, stuck: 3, "a task awaits one that awaits one that is lost") { stage in
        let lost = stage.keptTask("lost", .orphaned(on: .continuation)) { await lose() }
        let middle = stage.keptTask("middle", .blockedBehind(on: .task)) { await lost.value }
        stage.task("outer", .blockedBehind(on: .task)) { await middle.value }
    },
    Scenario("task-value-of-many", .swiftKind, stuck: 6, "five tasks await one that is lost") { stage in
        let lost = stage.keptTask("lost", .orphaned(on: .continuation)) { await lose() }
        for number in 0..<5 { stage.task("waiter-\(number)", .blockedBehind(on: .task)) { await lost.value } }
    },
    Scenario("task-value-cycle", .swiftKind, stuck: 2, "two tasks await each other") { stage in
        let cycle = Fate.stuck([.deadlock, .blockedBehind], on: .task, certainty: [.proven])
        let (first, second) = (Slot(), Slot())
        let steps = Steps()
        for (name, mine, theirs) in [("first", first, second), ("second", second, first)] {
            let task = stage.keptTask(name, cycle) {
                await steps.wait(for: 2)
                let awaited = theirs.task.withLock { $0.take() }
                await awaited?.value
            }
            mine.task.withLock { $0 = task }
            steps.done()
        }
    },
    Scenario("async-let", .swiftKind, stuck: 2, "awaits an async let whose continuation is lost") { stage in
        stage.task("parent", .blockedBehind(on: .task)) {
            async let child: Void = lose()
            await child
        }
        stage.expect(.task, nil, childOf: "parent", .orphaned(on: .continuation))
    },
    Scenario("task-group", .swiftKind, stuck: 3, "a group's two children are lost") { stage in
        stage.task("parent", .blockedBehind(on: .group)) {
            await withTaskGroup(of: Void.self) { group in
                group.addTask(name: "child-1") { await lose() }
                group.addTask(name: "child-2") { await lose() }
                await group.waitForAll()
            }
        }
        stage.expect(.task, "child-1", .orphaned(on: .continuation))
        stage.expect(.task, "child-2", .orphaned(on: .continuation))
    },
    Scenario("throwing-task-group", .swiftKind, stuck: 2, "one child throws, the other is lost and does not see it") {
        stage in
        stage.task("parent", .blockedBehind(on: .group)) {
            try? await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask(name: "lost") { await lose() }
                group.addTask { throw Refusal() }
                try await group.waitForAll()
            }
        }
        stage.expect(.task, "lost", .orphaned(on: .continuation))
    },
    Scenario("discarding-task-group", .swiftKind, stuck: 2, "a discarding group's child is lost") { stage in
        stage.task("parent", .blockedBehind(on: .group)) {
            await withDiscardingTaskGroup { group in
                group.addTask(name: "lost") { await lose() }
            }
        }
        stage.expect(.task, "lost", .orphaned(on: .continuation))
    },
    Scenario(
        "children-of-a-sleeping-parent", .swiftKind, stuck: 3, "three children of a group are lost; their parent sleeps"
    ) { stage in
        stage.task("parent", .silent(.sleeping)) {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<3 { group.addTask(name: "child-\(number)") { await lose() } }
                try? await Task.sleep(for: .seconds(3600))
            }
        }
        for number in 0..<3 { stage.expect(.task, "child-\(number)", .orphaned(on: .continuation)) }
    },
    Scenario("async-let-of-a-sleeping-parent", .swiftKind, stuck: 1, "an async let is lost; its parent sleeps") {
        stage in
        stage.task("parent", .silent(.sleeping)) {
            async let child: Void = lose()
            try? await Task.sleep(for: .seconds(3600))
            await child
        }
        stage.expect(.task, nil, childOf: "parent", .orphaned(on: .continuation))
    },
    Scenario("nested-groups", .swiftKind, stuck: 4, "a child of a child of a group awaits a lost task") { stage in
        let lost = stage.keptTask("lost", .orphaned(on: .continuation)) { await lose() }
        stage.task("outer", .blockedBehind(on: .group)) {
            await withTaskGroup(of: Void.self) { group in
                group.addTask(name: "middle") {
                    await withTaskGroup(of: Void.self) { inner in
                        inner.addTask(name: "inner") { await lost.value }
                    }
                }
            }
        }
        stage.expect(.task, "middle", .blockedBehind(on: .group))
        stage.expect(.task, "inner", .blockedBehind(on: .task))
    },
]

private final class Slot: Sendable {
    let task = Mutex<Task<Void, Never>?>(nil)
}

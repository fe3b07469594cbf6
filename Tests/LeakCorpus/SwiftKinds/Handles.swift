// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A task's handle can cancel it and await it, never resume it: who keeps only handles keeps nobody awake.
import Synchronization

private func lose() async {
    await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
}

let handleScenarios = [
    Scenario("handle-in-an-array", .swiftKind, stuck: 3, "a global array keeps the handles of three lost tasks") {
        stage in
        for number in 0..<3 {
            KeptHandles.array.append(
                stage.keptTask("lost-\(number)", .lostButHandle(on: .continuation)) { await lose() })
        }
    },
    Scenario("handle-in-a-class", .swiftKind, stuck: 1, "an object's field keeps the handle of a lost task") { stage in
        KeptHandles.object = KeptHandles.Owner(
            stage.keptTask("lost", .lostButHandle(on: .continuation)) { await lose() })
    },
    Scenario("handle-in-a-variable", .swiftKind, stuck: 2, "global variables keep the handles of lost tasks") { stage in
        KeptHandles.variable = stage.keptTask("lost-1", .lostButHandle(on: .continuation)) { await lose() }
        KeptHandles.guarded.withLock {
            $0 = stage.keptTask("lost-2", .lostButHandle(on: .continuation)) { await lose() }
        }
    },
    Scenario("handle-in-an-actor", .swiftKind, stuck: 1, "an actor in a global keeps the handle of a lost task") {
        stage in
        KeptHandles.actor = KeptHandles.Refresher(
            stage.keptTask("lost", .lostButHandle(on: .continuation)) { await lose() })
    },
    Scenario("handle-in-a-mutex", .swiftKind, stuck: 1, "an object's Mutex keeps the handle of a lost task") { stage in
        KeptHandles.mutex = KeptHandles.Guarded(
            stage.keptTask("lost", .lostButHandle(on: .continuation)) { await lose() })
    },
    Scenario("handle-in-a-dictionary", .swiftKind, stuck: 20, "a global dictionary keeps twenty handles by name") {
        stage in
        for number in 0..<20 {
            KeptHandles.dictionary["\(number)"] =
                stage.keptTask("lost-\(number)", .lostButHandle(on: .continuation)) { await lose() }
        }
    },
    Scenario("handle-in-a-set", .swiftKind, stuck: 5, "a global set keeps five handles") { stage in
        for number in 0..<5 {
            KeptHandles.set.insert(
                stage.keptTask("lost-\(number)", .lostButHandle(on: .continuation)) { await lose() })
        }
    },
    Scenario(
        "handle-of-one-that-is-awaited", .swiftKind, stuck: 3,
        "an array keeps the handle of a task that a group's child awaits"
    ) { stage in
        let lost = stage.keptTask("lost", .lostButHandle(on: .continuation)) { await lose() }
        KeptHandles.array.append(lost)
        let behind = { (primitive: Primitive) in
            Fate.stuck([.blockedBehind], on: primitive, certainty: [.suspected, .proven])
        }
        stage.task("parent", behind(.group)) {
            await withTaskGroup(of: Void.self) { group in
                group.addTask(name: "child") { await lost.value }
            }
        }
        stage.expect(.task, "child", behind(.task))
    },
    Scenario(
        "handle-in-an-awaiting-frame", .swiftKind, stuck: 2,
        "the only handle is in the frame of the task that awaits it"
    ) { stage in
        stage.task("awaiting", .blockedBehind(on: .task)) {
            await stage.keptTask("lost", .orphaned(on: .continuation)) { await lose() }.value
        }
    },
    .control("handle-that-can-cancel", "a handle is kept of a task that cancelling wakes") { stage in
        KeptHandles.array.append(stage.keptTask("waiter", .waiting) { await CancellableWait().run() })
        stage.onRelease {
            for task in KeptHandles.array { task.cancel() }
        }
        stage.onDrop { KeptHandles.array = [] }
    },
]

private enum KeptHandles {
    final class Owner {
        let task: Task<Void, Never>
        init(_ task: Task<Void, Never>) { self.task = task }
    }

    final class Guarded: Sendable {
        let task: Mutex<Task<Void, Never>?>
        init(_ task: Task<Void, Never>) { self.task = Mutex(task) }
    }

    actor Refresher {
        private var count = 0
        private var task: Task<Void, Never>?
        init(_ task: Task<Void, Never>) { self.task = task }
    }

    static let guarded = Mutex<Task<Void, Never>?>(nil)
    // Safe: written by the builder and by the commands' thread, never at once.
    nonisolated(unsafe) static var array: [Task<Void, Never>] = []
    nonisolated(unsafe) static var object: Owner?
    nonisolated(unsafe) static var variable: Task<Void, Never>?
    nonisolated(unsafe) static var actor: Refresher?
    nonisolated(unsafe) static var mutex: Guarded?
    nonisolated(unsafe) static var dictionary: [String: Task<Void, Never>] = [:]
    nonisolated(unsafe) static var set: Set<Task<Void, Never>> = []
}

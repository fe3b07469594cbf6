// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import ProcessSnapshot
import Synchronization
import Testing

/// Where tasks of a test wait until it lets them go.
final class Parking: Sendable {
    private let waiting = Mutex<(tasks: [UnsafeContinuation<Void, Never>], isOpen: Bool)>(([], false))

    func wait() async {
        await withUnsafeContinuation { enter($0) }
    }

    func enter(_ continuation: UnsafeContinuation<Void, Never>) {
        let isOpen = waiting.withLock {
            if !$0.isOpen { $0.tasks.append(continuation) }
            return $0.isOpen
        }
        if isOpen { continuation.resume() }
    }

    /// Lets all go, those that come later too.
    func open() {
        let tasks = waiting.withLock { waiting in
            waiting.isOpen = true
            let tasks = waiting.tasks
            waiting.tasks = []
            return tasks
        }
        for task in tasks { task.resume() }
    }
}

/// Something that keeps its thread until the test lets it go, or for 20 s.
final class Hold: Sendable {
    private let isHeld = Atomic(true)
    private let hasBegun = Atomic(false)

    var hasSomebody: Bool { hasBegun.load(ordering: .acquiring) }

    func keepThread() {
        hasBegun.store(true, ordering: .releasing)
        let deadline = ContinuousClock.now + .seconds(20)
        while isHeld.load(ordering: .acquiring), ContinuousClock.now < deadline { usleep(1000) }
    }

    func release() {
        isHeld.store(false, ordering: .releasing)
    }
}

actor RecognisableActor {
    func keep(_ hold: Hold) { hold.keepThread() }
    func visit() {}
}

enum Enclosing {
    actor RecognisableNestedActor {}
    struct Value {
        actor Box<Content> {}
    }
}

@inline(never) func recognisableInner(_ parking: Parking) async -> Int {
    await parking.wait()
    return 1
}

@inline(never) func recognisableMiddle(_ parking: Parking) async -> Int {
    await recognisableInner(parking) + 1
}

@inline(never) func recognisableOuter(_ parking: Parking) async -> Int {
    await recognisableMiddle(parking) + 1
}

struct DeadlinePassed: Error {
    /// What the last look saw, as far as it fits a report.
    let last: ArraySlice<String>
}

let testSymbols = TestSymbols()

func takeTasks() throws -> TasksSnapshot {
    try TasksSnapshot.take(functionName: testSymbols.name)
}

/// Looks at the tasks until those are as wanted, for a minute: other tests want the pool too.
@discardableResult
func tasks(where isWanted: (TasksSnapshot) throws -> Bool) async throws -> TasksSnapshot {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
        let snapshot = try takeTasks()
        if try isWanted(snapshot) { return snapshot }
        if ContinuousClock.now > deadline {
            throw DeadlinePassed(
                last: (snapshot.unknown.map(\.reason) + snapshot.tasks.compactMap(\.name)).prefix(50))
        }
        try await Task.sleep(for: .milliseconds(1))
    }
}

/// The task of that name once it waits in the way wanted.
func task(_ name: String, waitsFor kind: TaskSnapshot.Wait.Kind) async throws -> (TaskSnapshot, TasksSnapshot) {
    let snapshot = try await tasks { $0[name]?.waitingOn?.kind == kind }
    return (try #require(snapshot[name]), snapshot)
}

extension TasksSnapshot {
    subscript(name: String) -> TaskSnapshot? { tasks.first { $0.name == name } }
    subscript(id: UInt64) -> TaskSnapshot? { tasks.first { $0.id == id } }
}

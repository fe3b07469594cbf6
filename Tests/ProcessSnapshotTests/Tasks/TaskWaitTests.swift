// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ProcessSnapshot
import Testing

@Suite struct TaskWaitTests {
    @Test func aTaskWaitsForAnUnsafeContinuation() async throws {
        let parking = Parking()
        let task = Task.detached(name: "wait-unsafe") { await parking.wait() }
        let (found, _) = try await self.found("wait-unsafe", .continuation)
        #expect(found.state == .suspended)
        #expect(found.waitingOn?.description == "a continuation to be resumed")
        #expect(found.waitingOn?.address != 0)
        #expect(found.thread == nil)
        #expect(found.origin == .task)
        parking.open()
        await task.value
    }

    @Test func aTaskWaitsForACheckedContinuation() async throws {
        let parking = Parking()
        let task = Task.detached(name: "wait-checked") {
            await withCheckedContinuation { checked in
                Task.detached {
                    await parking.wait()
                    checked.resume()
                }
            }
        }
        let (found, _) = try await self.found("wait-checked", .continuation)
        #expect(found.state == .suspended)
        parking.open()
        await task.value
    }

    @Test func aTaskWaitsForTheValueOfAnotherTask() async throws {
        let parking = Parking()
        let awaited = Task.detached(name: "value-awaited") { await parking.wait() }
        let task = Task.detached(name: "value-awaiting") { await awaited.value }
        let (found, snapshot) = try await self.found("value-awaiting", .task)
        let other = try #require(snapshot["value-awaited"])
        #expect(found.waitingOn?.task == other.id)
        #expect(found.waitingOn?.address == other.address)
        #expect(found.waitingOn?.description == "task \(other.id) (value-awaited)")
        #expect(found.children.isEmpty)
        parking.open()
        await task.value
    }

    @Test func aTaskWaitsForItsAsyncLet() async throws {
        let parking = Parking()
        let task = Task.detached(name: "async-let") {
            async let first = recognisableInner(parking)
            async let second = recognisableInner(parking)
            return await first + second
        }
        let snapshot = try await tasks {
            guard let parent = $0["async-let"], parent.waitingOn?.kind == .task else { return false }
            return parent.children.count == 2
        }
        let parent = try #require(snapshot["async-let"])
        let children = parent.children.compactMap { snapshot[$0] }
        #expect(children.map(\.origin) == [.asyncLet, .asyncLet])
        #expect(children.map(\.parent) == [parent.id, parent.id])
        #expect(parent.waitingOn?.task == children.first?.id)
        parking.open()
        #expect(await task.value == 2)
    }

    @Test func aTaskWaitsForItsGroup() async throws {
        let parking = Parking()
        let task = Task.detached(name: "group") {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<3 { group.addTask(name: "group-child-\(number)") { await parking.wait() } }
                for await _ in group {}
            }
        }
        let snapshot = try await tasks { $0["group"]?.waitingOn?.kind == .group && $0["group"]?.children.count == 3 }
        let parent = try #require(snapshot["group"])
        let children = parent.children.compactMap { snapshot[$0] }
        #expect(Set(children.map(\.name)) == ["group-child-0", "group-child-1", "group-child-2"])
        #expect(children.allSatisfy { $0.origin == .groupChild && $0.parent == parent.id })
        let ids = parent.children.map(String.init).joined(separator: ", ")
        #expect(parent.waitingOn?.description == "a task group with tasks \(ids)")
        #expect(parent.stack.first.flatMap(testSymbols.name)?.hasPrefix("$sScG4next") == true)
        parking.open()
        await task.value
    }

    @Test func aTaskQueuesForAnActorOnWhichAnotherRuns() async throws {
        let hold = Hold()
        let actor = RecognisableActor()
        let holder = Task.detached(name: "actor-holder") { await actor.keep(hold) }
        try await tasks { _ in hold.hasSomebody }
        let visitor = Task.detached(name: "actor-visitor") { await actor.visit() }
        let (found, snapshot) = try await self.found("actor-visitor", .actor)
        let running = try #require(snapshot["actor-holder"])
        hold.release()
        #expect(found.state == .enqueued)
        #expect(found.waitingOn?.task == running.id)
        #expect(found.waitingOn?.address == UInt(bitPattern: Unmanaged.passUnretained(actor).toOpaque()))
        #expect(
            found.waitingOn?.description
                == "actor ProcessSnapshotTests.RecognisableActor, on which task \(running.id) (actor-holder) runs")
        #expect(running.state == .running)
        #expect(running.thread != nil)
        #expect(running.stack.isEmpty)
        await holder.value
        await visitor.value
    }

    @Test func aTaskQueuesForTheMainActor() async throws {
        let hold = Hold()
        let holder = Task.detached(name: "main-holder") { @MainActor in hold.keepThread() }
        try await tasks { _ in hold.hasSomebody }
        let visitor = Task.detached(name: "main-visitor") { await MainActor.run {} }
        let (found, snapshot) = try await self.found("main-visitor", .actor)
        let running = try #require(snapshot["main-holder"])
        hold.release()
        #expect(found.waitingOn?.task == running.id)
        #expect(found.waitingOn?.description == "the main actor, on which task \(running.id) (main-holder) runs")
        await holder.value
        await visitor.value
    }

    @Test(arguments: [false, true]) func aTaskSleeps(onAClock: Bool) async throws {
        let name = "sleep-\(onAClock)"
        let task = Task.detached(name: name) {
            if onAClock {
                try await Task.sleep(for: .seconds(60))
            } else {
                try await Task.sleep(nanoseconds: 60_000_000_000)
            }
        }
        let (found, _) = try await self.found(name, .sleep)
        #expect(found.waitingOn?.description == "a sleep to end")
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func aTaskWaitsForTheNextElementOfAStream() async throws {
        let (stream, continuation) = AsyncStream<Int>.makeStream()
        let task = Task.detached(name: "stream") { for await _ in stream {} }
        let (found, _) = try await self.found("stream", .stream)
        #expect(found.waitingOn?.description == "the next element of an AsyncStream")
        continuation.finish()
        await task.value
    }

    @Test func aTaskWaitsForTheNextElementOfAThrowingStream() async throws {
        let (stream, continuation) = AsyncThrowingStream<Int, any Error>.makeStream()
        let task = Task.detached(name: "throwing-stream") { for try await _ in stream {} }
        _ = try await self.found("throwing-stream", .stream)
        continuation.finish()
        try await task.value
    }

    @Test func withoutNamesOfFunctionsASleepIsAContinuation() async throws {
        let task = Task.detached(name: "nameless-sleep") { try await Task.sleep(for: .seconds(60)) }
        _ = try await self.found("nameless-sleep", .sleep)
        let nameless = try TasksSnapshot.take { _ in nil }
        #expect(nameless["nameless-sleep"]?.waitingOn?.kind == .continuation)
        task.cancel()
        _ = await task.result
    }

    private func found(_ name: String, _ kind: TaskSnapshot.Wait.Kind) async throws -> (TaskSnapshot, TasksSnapshot) {
        try await task(name, waitsFor: kind)
    }
}

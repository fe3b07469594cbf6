// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization
import Testing

@testable import ProcessSnapshot

@Suite struct ThreadRecordTests {
    @Test func aThreadThatWaitsHasNotRunSinceItWasLookedAt() throws {
        let door = DispatchSemaphore(value: 0)
        let turns = Atomic(0)
        let thread = BlockedThread("waits-twice") {
            for _ in 0..<2 {
                door.wait()
                turns.wrappingAdd(1, ordering: .relaxed)
            }
        }
        let id = try #require(try thread.look(in: "dispatch_semaphore_wait")).id
        let first = try #require(ThreadRecord(id))
        let second = try #require(ThreadRecord(id))
        #expect(first.hasNotRunSince())
        #expect(second.hasNotRunSince())

        // The control: after a turn it waits at the same place, and only the scheduler's counts tell.
        door.signal()
        while turns.load(ordering: .relaxed) == 0 {}
        let again = try #require(try thread.look(in: "dispatch_semaphore_wait"))
        #expect(again.id == id)
        #expect(!first.hasNotRunSince())
        door.signal()
        thread.join()
    }

    @Test func aThreadThatRunsHasRunSinceItWasLookedAt() throws {
        let isDone = Atomic(false)
        let thread = BlockedThread("always-runs") { while !isDone.load(ordering: .relaxed) {} }
        let id = try #require(try thread.look(until: .running)).id
        let record = try #require(ThreadRecord(id))
        let deadline = ContinuousClock.now + .seconds(10)
        while record.hasNotRunSince(), ContinuousClock.now < deadline {}
        #expect(!record.hasNotRunSince())
        isDone.store(true, ordering: .relaxed)
        thread.join()
        #expect(!record.hasNotRunSince())
    }
}

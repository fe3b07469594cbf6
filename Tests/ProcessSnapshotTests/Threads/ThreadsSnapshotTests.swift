// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import ProcessSnapshot
import Synchronization
import Testing

@Suite struct ThreadsSnapshotTests {
    @Test func theStackOfAWaitingThreadHasItsFunctionsInOrder() throws {
        let door = DispatchSemaphore(value: 0)
        let thread = BlockedThread("waits-in-order") { recognisableOuter { door.wait() } }
        let functions = Threads.functions(try #require(try thread.look(in: "recognisableInner")))
        let places = [
            "dispatch_semaphore_wait", "recognisableInner", "recognisableMiddle", "recognisableOuter", "start_thread",
        ]
        .map { name in functions.firstIndex { $0.contains(name) } ?? -1 }
        #expect(!places.contains(-1), "\(functions)")
        #expect(places == places.sorted())
        door.signal()
        thread.join()
    }

    @Test func theStackOfARunningThreadHasItsFunctionsInOrder() throws {
        let isDone = Atomic(false)
        let thread = BlockedThread("spins") { recognisableOuter { while !isDone.load(ordering: .relaxed) {} } }
        let seen = try #require(try thread.look(until: .running, in: "recognisableInner"))
        let functions = Threads.functions(seen)
        let places = ["recognisableInner", "recognisableMiddle", "recognisableOuter", "start_thread"]
            .map { name in functions.firstIndex { $0.contains(name) } ?? -1 }
        #expect(!places.contains(-1), "\(functions)")
        #expect(places == places.sorted())
        #expect(seen.systemCall == nil)
        #expect(seen.waitingOn == nil)
        isDone.store(true, ordering: .relaxed)
        thread.join()
    }

    @Test func aFunctionThatMovesItsStackPointerDoesNotEndTheStack() throws {
        let door = DispatchSemaphore(value: 0)
        let thread = BlockedThread("waits-generic") { recognisableGeneric((1, "a", [2.0])) { door.wait() } }
        let seen = try #require(try thread.look(in: "recognisableGeneric"))
        #expect(seen.stackNote == nil)
        #expect(Threads.functions(seen).contains { $0.contains("start_thread") })
        door.signal()
        thread.join()
    }

    @Test(arguments: [
        (100, 100), (128, 128), (300, 128),
    ]) func aDeepStackIsCutWithANote(depth: Int, kept: Int) throws {
        let door = DispatchSemaphore(value: 0)
        let thread = BlockedThread("waits-deep-\(depth)") { recognisableDepth(depth) { door.wait() } }
        let seen = try #require(try thread.look(in: "recognisableDepth"))
        #expect(seen.stack.count >= min(depth, kept))
        #expect((seen.stackNote != nil) == (depth >= 128))
        door.signal()
        thread.join()
    }

    @Test func systemCallsAndStatesAreNamed() throws {
        var ends: [Int32] = [0, 0]
        pipe(&ends)
        let (reading, writing) = (ends[0], ends[1])
        let reader = BlockedThread("reads-a-pipe") {
            var byte: UInt8 = 0
            _ = read(reading, &byte, 1)
        }
        let poller = BlockedThread("polls-a-pipe") {
            var descriptor = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
            poll(&descriptor, 1, 60_000)
        }
        #expect(try reader.look()?.systemCall == "read")
        #expect(try poller.look()?.systemCall == "poll")
        close(writing)
        reader.join()
        poller.join()
        close(reading)
    }

    @Test func aSleepingThreadSleepsAndAStoppedWaitBeginsAnew() throws {
        let isDone = Atomic(false)
        let thread = BlockedThread("sleeps") { while !isDone.load(ordering: .relaxed) { usleep(200_000) } }
        let first = try #require(try thread.look(until: .sleeping))
        #expect(first.systemCall == "clock_nanosleep")
        isDone.store(true, ordering: .relaxed)
        thread.join()
    }

    @Test func aWaitIsAsLongAsLooksHaveSeenIt() throws {
        let door = DispatchSemaphore(value: 0)
        let thread = BlockedThread("waits-long") { door.wait() }
        let first = try #require(try thread.look(in: "semaphore"))
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .milliseconds(50) { _ = try Threads.look() }
        let second = try #require(try thread.look(in: "semaphore"))
        #expect(try #require(second.waiting) >= .milliseconds(50))
        #expect(try #require(second.waiting) > #require(first.waiting))
        door.signal()
        thread.join()
    }

    @Test func rolesAreToldFromNamesAndStacks() throws {
        let door = DispatchSemaphore(value: 0)
        DispatchQueue.global().async { recognisableOuter { door.wait() } }
        let thread = BlockedThread("a-thread") { door.wait() }
        #expect(try thread.look(in: "semaphore")?.role == .foundationThread)
        let deadline = ContinuousClock.now + .seconds(10)
        var worker: ThreadSnapshot?
        while worker == nil, ContinuousClock.now < deadline {
            worker = try Threads.look().threads.first { thread in
                thread.role == .dispatchWorker
                    && Threads.functions(thread).contains { $0.contains("recognisableOuter") }
            }
        }
        #expect(worker != nil)
        #expect(try Threads.look().threads.first { $0.id == getpid() }?.role == .main)
        door.signal()
        door.signal()
        thread.join()
    }

    @Test func everyThreadIsThereOnceInOrder() throws {
        let door = DispatchSemaphore(value: 0)
        let threads = (0..<50).map { BlockedThread("one-of-50-\($0)") { door.wait() } }
        for thread in threads { _ = try thread.look(in: "semaphore") }
        let seen = try Threads.look().threads
        #expect(seen.map(\.id) == Set(seen.map(\.id)).sorted())
        #expect(seen.filter { $0.name.hasPrefix("one-of-50-") }.count == 50)
        for _ in threads { door.signal() }
        for thread in threads { thread.join() }
        #expect(try Threads.look().threads.filter { $0.name.hasPrefix("one-of-50-") }.count < 50)
    }

    @Test func threadsThatStartAndEndMeanwhileHarmNothing() throws {
        let isDone = Atomic(false)
        let storm = BlockedThread("storm") {
            while !isDone.load(ordering: .relaxed) {
                let threads = (0..<8).map { BlockedThread("short-\($0)") {} }
                for thread in threads { thread.join() }
            }
        }
        for _ in 0..<100 {
            let seen = try Threads.look().threads
            #expect(seen.contains { $0.name == "storm" })
        }
        isDone.store(true, ordering: .relaxed)
        storm.join()
    }
}

@inline(never) func recognisableOuter(_ body: () -> Void) {
    recognisableMiddle(body)
    keep()
}
@inline(never) func recognisableMiddle(_ body: () -> Void) {
    recognisableInner(body)
    keep()
}
@inline(never) func recognisableInner(_ body: () -> Void) {
    body()
    keep()
}
@inline(never) func recognisableDepth(_ depth: Int, _ body: () -> Void) {
    if depth > 1 { recognisableDepth(depth - 1, body) } else { body() }
    keep()
}
@inline(never) func recognisableGeneric<Value>(_ value: Value, _ body: () -> Void) {
    let copy = [value, value]
    body()
    keep()
    withExtendedLifetime(copy) {}
}
/// So that no call is the last thing a function does.
@inline(never) private func keep() { _ = kept.load(ordering: .relaxed) }
private let kept = Atomic(0)

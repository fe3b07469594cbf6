// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import ProcessSnapshot
import Testing

@Suite struct TaskFramesTests {
    /// Words that nothing else has.
    private static let inner: UInt = 0x1EE7_0001_1EE7_0001
    private static let outer: UInt = 0x1EE7_0002_1EE7_0002
    private static let left: UInt = 0x1EE7_0003_1EE7_0003

    @Test func whatFunctionsHaveThatAwaitIsInUse() async throws {
        let parking = Parking()
        let task = Task.detached(name: "frames-in-use") { await Self.deep(parking) }
        let frames = try await Self.frames(of: "frames-in-use")
        let words = Set(frames.used.flatMap(\.words))
        #expect(words.contains(Self.inner) && words.contains(Self.outer))
        for (start, words) in frames.used {
            for (index, word) in words.enumerated() where word == Self.inner || word == Self.outer {
                guard case .allocation(let allocation) = frames.place(of: start + UInt(index) * 8) else {
                    Issue.record("a variable of a function that awaits is in no frame")
                    continue
                }
                #expect(allocation.contains(start + UInt(index) * 8))
            }
        }
        parking.open()
        #expect(await task.value == Self.inner &+ Self.outer)
    }

    @Test func whatACallThatReturnedHasLeftIsInNoFrame() async throws {
        let parking = Parking()
        let task = Task.detached(name: "frames-left") { await Self.returning(parking) }
        let look = try await Self.look(at: "frames-left")
        let frames = try #require(TaskFrames(of: look, in: Self.block(of: look)))
        var dead: [UInt] = []
        for range in look.ranges(in: 0..<UInt.max).dropFirst() {
            for (index, word) in try #require(Self.words(of: range)).enumerated() where word == Self.left {
                let place = range.lowerBound + UInt(index) * 8
                if case .dead = frames.place(of: place) { dead.append(place) }
            }
        }
        #expect(dead.count > 20, "it is there still")
        let used = frames.used.map { $0.start..<$0.start + UInt($0.words.count) * 8 }
        #expect(dead.allSatisfy { place in !used.contains { $0.contains(place) } })
        parking.open()
        await task.value
    }

    @Test func twoLooksAtATaskThatDidNotRunAreTheSame() async throws {
        let (first, second) = (Parking(), Parking())
        let other = Task.detached { await second.wait() }
        let task = Task.detached(name: "frames-same") {
            await first.wait()
            await other.value
        }
        let look = try await Self.look(at: "frames-same")
        let before = try #require(TaskFrames(of: look, in: Self.block(of: look)))
        let again = try #require(TaskFrames(of: look, in: Self.block(of: look)))
        #expect(before.fingerprint == again.fingerprint)
        first.open()
        try await tasks { $0["frames-same"]?.waitingOn?.kind == .task }
        #expect(TaskFrames(of: look, in: Self.block(of: look)) == nil, "what was looked at is no more")
        second.open()
        await task.value
    }

    // The look has copies of the task's memory, here as long as the test.
    @Test func aLookAtFramesHasNothingThatTheNextLookAtTasksTakesForOne() async throws {
        let parking = Parking()
        let task = Task.detached(name: "frames-copied") { await parking.wait() }
        let look = try await Self.look(at: "frames-copied")
        let frames = try #require(TaskFrames(of: look, in: Self.block(of: look)))
        #expect(frames.used.first?.start == look.address)
        #expect(try takeTasks()[look.id] != nil)
        parking.open()
        await task.value
        #expect(try takeTasks()[look.id] == nil)
        withExtendedLifetime((task, frames)) {}
    }

    @Test func aTaskThatRunsHasNone() async throws {
        let hold = Hold()
        let task = Task.detached(name: "frames-running") { hold.keepThread() }
        _ = try await tasks { $0["frames-running"]?.state == .running }
        let look = try Self.taskLook("frames-running")
        #expect(TaskFrames(of: try #require(look), in: Self.block(of: try #require(look))) == nil)
        hold.release()
        await task.value
    }

    private static func frames(of name: String) async throws -> TaskFrames {
        let look = try await look(at: name)
        return try #require(TaskFrames(of: look, in: block(of: look)))
    }

    private static func look(at name: String) async throws -> TaskLook {
        try await tasks { $0[name]?.waitingOn?.kind == .continuation }
        return try #require(try taskLook(name))
    }

    private static func taskLook(_ name: String) throws -> TaskLook? {
        try TasksSnapshot.look(excluding: [], hasRoom: { _, _ in true }, functionName: testSymbols.name).tasks
            .first { $0.snapshot.name == name }
    }

    /// A task's object begins its block of malloc.
    private static func block(of look: TaskLook) -> Range<UInt> {
        let size = usableSize(UnsafeMutableRawPointer(bitPattern: look.address))
        return look.address..<look.address + UInt(size)
    }

    private static func words(of range: Range<UInt>) -> [UInt]? {
        UnsafePointer<UInt>(bitPattern: range.lowerBound).map {
            Array(UnsafeBufferPointer(start: $0, count: range.count / 8))
        }
    }

    private static let usableSize: @convention(c) (UnsafeMutableRawPointer?) -> Int = unsafeBitCast(
        dlsym(nil, "malloc_usable_size"), to: (@convention(c) (UnsafeMutableRawPointer?) -> Int).self)

    @inline(never) private static func deep(_ parking: Parking) async -> UInt {
        let value = opaque(outer)
        return await deeper(parking) &+ value
    }

    @inline(never) private static func deeper(_ parking: Parking) async -> UInt {
        let value = opaque(inner)
        await parking.wait()
        return value
    }

    /// Calls what awaits with many values in its frame, and waits when that is done.
    @inline(never) private static func returning(_ parking: Parking) async {
        _ = await many()
        await parking.wait()
    }

    @inline(never) private static func many() async -> UInt {
        let values = InlineArray<64, UInt>(repeating: opaque(left))
        await Task.yield()
        return values[Int(opaque(63))]
    }

    @inline(never) private static func opaque(_ word: UInt) -> UInt { word }
}

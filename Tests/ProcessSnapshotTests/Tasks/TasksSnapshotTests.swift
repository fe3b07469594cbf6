// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import ProcessSnapshot
import Synchronization
import Testing

@Suite struct TasksSnapshotTests {
    @Test func theAsyncStackHasTheFunctionsThatAwaitInOrder() async throws {
        let parking = Parking()
        let task = Task.detached(name: "stack") { await recognisableOuter(parking) }
        let (snapshot, _) = try await ProcessSnapshotTests.task("stack", waitsFor: .continuation)
        let names = snapshot.stack.map { testSymbols.name($0) ?? "?" }
        let wanted = ["recognisableInner", "recognisableMiddle", "recognisableOuter"]
        let found = names.compactMap { name in wanted.first { name.contains($0) } }
        #expect(found == wanted, "\(names)")
        #expect(snapshot.stackNote == nil)
        parking.open()
        #expect(await task.value == 3)
    }

    @Test func aTaskHasItsPriorityAndWhetherItIsCancelled() async throws {
        let parking = Parking()
        let low = Task.detached(name: "priority-low", priority: .background) { await parking.wait() }
        let high = Task.detached(name: "priority-high", priority: .userInitiated) { await parking.wait() }
        high.cancel()
        let snapshot = try await tasks {
            $0["priority-low"]?.state == .suspended && $0["priority-high"]?.state == .suspended
        }
        #expect(snapshot["priority-low"]?.priority == Int(TaskPriority.background.rawValue))
        #expect(snapshot["priority-high"]?.priority == Int(TaskPriority.userInitiated.rawValue))
        #expect(snapshot["priority-low"]?.isCancelled == false)
        #expect(snapshot["priority-high"]?.isCancelled == true)
        parking.open()
        await low.value
        await high.value
    }

    @Test func aTaskThatHasEndedIsGoneEvenWhileItsHandleIsHeld() async throws {
        let parking = Parking()
        let task = Task.detached(name: "ended") { await parking.wait() }
        let before = try await tasks { $0["ended"] != nil }
        let id = try #require(before["ended"]).id
        parking.open()
        await task.value
        let after = try takeTasks()
        #expect(after["ended"] == nil)
        #expect(after[id] == nil)
        #expect(!after.unknown.contains { $0.id == id })
        withExtendedLifetime(task) {}
    }

    @Test func aTaskIsLookedForOnlyInPagesThatHaveRoomForOne() async throws {
        let parking = Parking()
        let task = Task.detached(name: "room") { await parking.wait() }
        let address = try #require(try await tasks { $0["room"]?.state == .suspended }["room"]).address
        let without = try look { page in !page.contains(address) }
        #expect(without.asked.contains { $0.contains(address) && $0.count <= 4096 })
        #expect(!without.names.contains("room"))
        let with = try look { page in page.contains(address) }
        #expect(with.names.contains("room"))
        parking.open()
        await task.value
    }

    private func look(hasRoom: (Range<UInt>) -> Bool) throws -> (asked: [Range<UInt>], names: [String?]) {
        var asked: [Range<UInt>] = []
        let look = try TasksSnapshot.look(
            excluding: [],
            hasRoom: { page, _ in
                asked.append(page)
                return hasRoom(page)
            }, functionName: testSymbols.name)
        return (asked, look.tasks.map(\.snapshot.name))
    }

    @Test func theRunningTaskKnowsItsThreadAndTheThreadItsTask() async throws {
        let (snapshot, thread, current) = try await Task.detached(name: "running") {
            // No suspension in here, so that it stays on its thread.
            let layout = try TaskLayout.find()
            return (try takeTasks(), ownThread(), CurrentTasks.take(layout))
        }.value
        let found = try #require(snapshot["running"])
        #expect(found.state == .running)
        #expect(found.thread == thread)
        #expect(current.task(ofThread: thread)?.id == found.id)
        #expect(current.task(ofThread: thread)?.address == found.address)
    }

    @Test func aThreadWithoutATaskHasNone() async throws {
        let hold = Hold()
        let id = Mutex<Int32>(0)
        let thread = PlainThread {
            id.withLock { $0 = ownThread() }
            hold.keepThread()
        }
        try await tasks { _ in hold.hasSomebody }
        let layout = try TaskLayout.find()
        let (current, own) = await Task.detached { (CurrentTasks.take(layout), ownThread()) }.value
        #expect(current.task(ofThread: id.withLock { $0 }) == nil)
        #expect(current.task(ofThread: own) != nil)
        hold.release()
        thread.join()
    }

    @Test func twoThousandSuspendedTasksAreAllFoundOnce() async throws {
        let parking = Parking()
        let crowd = (0..<2000).map { number in
            Task.detached(name: "crowd-\(number)") { await parking.wait() }
        }
        func members(_ snapshot: TasksSnapshot) -> [String] {
            snapshot.tasks.compactMap(\.name).filter { $0.hasPrefix("crowd-") }
        }
        let snapshot = try await tasks {
            $0.tasks.filter { $0.name?.hasPrefix("crowd-") == true && $0.state == .suspended }.count == 2000
        }
        #expect(Set(members(snapshot)) == Set((0..<2000).map { "crowd-\($0)" }))
        #expect(members(snapshot).count == 2000)
        #expect(Set(snapshot.tasks.map(\.id)).count == snapshot.tasks.count)
        parking.open()
        for task in crowd { await task.value }
        let left = try takeTasks().tasks.filter { $0.name?.hasPrefix("crowd-") == true }
        let before = left.prefix(2).map { one in snapshot.tasks.first { $0.name == one.name } }
        #expect(left.isEmpty, "\(left.count), such as \(left.prefix(2)), before \(before)")
    }

    @Test func whatIsReportedDuringAStormOfTasksIsReal() async throws {
        final class Storm: Sendable {
            let started = Atomic(0)
            let ended = Mutex<Set<Int>>([])
            let isOver = Atomic(false)
        }
        let storm = Storm()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    while !storm.isOver.load(ordering: .relaxed) {
                        let number = storm.started.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
                        await Task.detached(name: "storm-\(number)") {
                            async let child: Void = Task.yield()
                            await child
                        }.value
                        storm.ended.withLock { _ = $0.insert(number) }
                        await Task.yield()
                    }
                }
            }
            group.addTask {
                var seen = 0
                var rounds = 0
                let deadline = ContinuousClock.now + .seconds(20)
                while rounds < 100 || seen == 0, ContinuousClock.now < deadline {
                    rounds += 1
                    let ended = storm.ended.withLock { $0 }
                    guard let snapshot = try? takeTasks() else { break }
                    let started = storm.started.load(ordering: .sequentiallyConsistent)
                    #expect(Set(snapshot.tasks.map(\.id)).count == snapshot.tasks.count)
                    for name in snapshot.tasks.compactMap(\.name) where name.hasPrefix("storm-") {
                        seen += 1
                        let number = Int(name.dropFirst(6))
                        #expect(number.map { $0 <= started && !ended.contains($0) } == true, "\(name) of \(started)")
                    }
                    await Task.yield()
                }
                #expect(seen > 0)
                storm.isOver.store(true, ordering: .relaxed)
            }
        }
    }

    @Test func twoLooksAtOnceDoNotFindEachOther() async throws {
        let parking = Parking()
        let crowd = (0..<200).map { number in Task.detached(name: "double-\(number)") { await parking.wait() } }
        try await tasks { $0.tasks.filter { $0.name?.hasPrefix("double-") == true }.count == 200 }
        let counts = Mutex<[Int]>([])
        let threads = (0..<4).map { _ in
            PlainThread {
                for _ in 0..<10 {
                    let count = (try? takeTasks())?.tasks.filter { $0.name?.hasPrefix("double-") == true }.count
                    counts.withLock { $0.append(count ?? -1) }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(counts.withLock { $0 } == [Int](repeating: 200, count: 40))
        parking.open()
        for task in crowd { await task.value }
    }
}

/// The kernel's id of this thread.
func ownThread() -> Int32 {
    var text = [CChar](repeating: 0, count: 64)
    let count = readlink("/proc/thread-self", &text, text.count)
    let path = String(decoding: text.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return path.split(separator: "/").last.flatMap { Int32($0) } ?? 0
}

/// A thread that no task runs on.
final class PlainThread: Sendable {
    private let thread: pthread_t

    init(_ body: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body)).toOpaque()
        let failure = pthread_create(
            &thread, nil,
            { argument in
                Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, box)
        precondition(failure == 0)
        self.thread = thread
    }

    func join() {
        pthread_join(thread, nil)
    }
}

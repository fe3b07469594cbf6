// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import DebugEndpoint
@testable import ProcessSnapshot

@Suite struct LargePagesTests {
    /// 10 000 tasks at 20 places, half of them children of one.
    private static let tasks = (1...10_000).map { (id: UInt64) in
        let stack: [UInt] = [0x10_000 + UInt(id % 20), 0x300, 0x400]
        return MadeUpProcess.task(
            id, "request", on: MadeUpProcess.wait(.continuation, "continuation 0x\(String(id, radix: 16))"),
            parent: id > 5000 ? 1 : nil, stack: stack)
    }

    /// Nothing can be grouped.
    private static let differentTasks = (1...10_000).map { MadeUpProcess.task($0, stack: [0x10_000 + UInt($0)]) }

    @Test func tenThousandTasksAreAFewGroupsInText() throws {
        let text = try MadeUpProcess.tasksPage(.text, Self.tasks)
        #expect(text.hasPrefix("10000 tasks: 0 running, 0 enqueued, 10000 suspended\n"))
        #expect(text.ranges(of: "\n500 tasks, suspended, waiting for continuations\n").count == 20)
        #expect(text.contains("\n  … and 492 more to wait for\n"))
        #expect(text.utf8.count < 20_000)
    }

    @Test func tasksThatCannotBeGroupedAreBoundedAndCounted() throws {
        for format in [PageFormat.text, .html] {
            let page = try MadeUpProcess.tasksPage(format, Self.differentTasks)
            #expect(page.contains("9800 more groups with 9800 tasks left out: raise limit"))
            #expect(page.utf8.count < 100_000)
            let tree = try MadeUpProcess.tasksPage(format, Self.differentTasks, isTree: true)
            #expect(tree.contains("9000 tasks left out"))
            #expect(tree.utf8.count < 300_000)
            let more = try MadeUpProcess.tasksPage(format, Self.differentTasks, [("limit", "100000")])
            #expect(!more.contains("left out:"))
        }
    }

    @Test func jsonListsAThousandTasksAndCountsTheOthers() throws {
        let json = try MadeUpProcess.tasksPage(.json, Self.tasks)
        #expect(json.ranges(of: "\n{\"id\": ").count == 1000)
        #expect(json.contains("\"totals\": {\"running\": 0, \"enqueued\": 0, \"suspended\": 10000}"))
        #expect(json.contains("\"matched\": 10000,\n\"omitted\": 9000,"))
        #expect(json.utf8.count < 1_000_000)
    }

    @Test func jsonListsAllTasksWhenTheLimitIsRaised() throws {
        let json = try MadeUpProcess.tasksPage(.json, Self.tasks, [("limit", "10000")])
        #expect(json.ranges(of: "\n{\"id\": ").count == 10_000)
        #expect(json.contains("\"omitted\": 0,"))
    }

    @Test func aLimitOfNoneLeavesTheTotals() throws {
        let json = try MadeUpProcess.tasksPage(.json, Self.tasks, [("limit", "0")])
        #expect(json.hasPrefix("{\"tasks\": [\n],\n\"totals\": "))
        #expect(json.contains("\"omitted\": 10000,"))
        let text = try MadeUpProcess.tasksPage(.text, Self.tasks, [("limit", "0")])
        #expect(text.contains("\n20 more groups with 10000 tasks left out"))
    }

    @Test func fifteenHundredThreadsAreAllInJSON() throws {
        let threads = (1...1500).map { MadeUpProcess.thread($0) }
        let json = try MadeUpProcess.threadsPage(.json, threads)
        #expect(json.ranges(of: "\n{\"id\": ").count == 1500)
        let text = try MadeUpProcess.threadsPage(.text, threads)
        #expect(text.contains("\n1500 threads, waiting\n") && text.contains("… and 1494 more\n"))
    }

    @Test func theUnknownAreGroupedByReasonAndBounded() throws {
        let unknown = (1...3000).map { UnknownWaiter(id: $0, reason: "it ended meanwhile") }
        let text = try MadeUpProcess.tasksPage(.text, [], unknown: unknown)
        #expect(text.contains("\n3000 tasks, nothing known: it ended meanwhile\n"))
        #expect(text.contains("… and 2950 more\n"))
        let json = try MadeUpProcess.tasksPage(.json, [], unknown: unknown)
        #expect(json.contains("\"unknown_omitted\": 2000,"))
    }

    @Test func eachAddressIsSymbolicatedOnceAndOnlyIfItIsShown() throws {
        var asked = 0
        let body = TasksPage.body(
            .json, WaiterFilter(), TasksPage.Source(snapshot: TasksSnapshot(tasks: Self.tasks, unknown: []))
        ) { addresses in
            asked += addresses.count
            return MadeUpProcess.symbolicate(addresses)
        }
        #expect(asked == 22)  // 20 places and two functions that all of them have
        #expect(!body.isEmpty)
        asked = 0
        _ = TasksPage.body(
            .json, WaiterFilter(try Query([("limit", "5")], parameters: TasksPage.parameters, path: "")),
            TasksPage.Source(snapshot: TasksSnapshot(tasks: Self.differentTasks, unknown: []))
        ) { addresses in
            asked += addresses.count
            return MadeUpProcess.symbolicate(addresses)
        }
        #expect(asked == 5)
    }
}

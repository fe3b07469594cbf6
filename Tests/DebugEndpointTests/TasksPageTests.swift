// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import DebugEndpoint
@testable import ProcessSnapshot

@Suite struct TasksPageTests {
    private static let seen: [UInt64: Duration] = [17: .milliseconds(3100), 18: .seconds(40)]

    @Test func textHasTotalsThenGroupsOfOneStackLongestWaitFirst() throws {
        let text = try MadeUpProcess.tasksPage(.text, MadeUpProcess.tasks, seen: Self.seen)
        #expect(
            text == """
                7 tasks: 1 running, 2 enqueued, 4 suspended; 1 cancelled

                2 tasks, suspended, waiting for actor App.Cache, on which task 12 runs (0xabc0), seen so for 3.1 s to 40 s
                  18 (40 s, cancelled), 17 "refresh" (3.1 s)
                    Cache.load(_:)
                        /src/Cache.swift:40
                    refresh()
                        /src/main.swift:7

                2 tasks, enqueued, waiting for the global executor
                  20 (in a group of task 3), 21 (in a group of task 3)
                    Cache.load(_:)
                        /src/Cache.swift:40
                    refresh()
                        /src/main.swift:7

                1 task, suspended, waiting for its group of 3 tasks
                  3 "main" (3 children)
                    refresh()
                        /src/main.swift:7

                1 task, running
                  12 "reload" (on thread 13)
                    no stack: it runs: see its thread

                1 task, suspended, waiting for a sleep
                  22 "late" (in a group of task 3, priority 9)
                    0x600

                """)
    }

    @Test func jsonHasTheKeysOfTheContractAndNullForWhatIsNotKnown() throws {
        let tasks = MadeUpProcess.tasks.filter { [3, 12, 17].contains($0.id) }
        let json = try MadeUpProcess.tasksPage(.json, tasks, seen: Self.seen)
        #expect(
            json == #"""
                {"tasks": [
                {"id": 17, "name": "refresh", "priority": 25, "state": "suspended", "cancelled": false, "origin": "task", "address": "0x7f001100", "thread": null, "waiting_on": {"kind": "actor", "id": 12, "address": "0xabc0", "description": "actor App.Cache, on which task 12 runs"}, "seen_waiting_seconds": 3.1, "parent": null, "children": [], "stack": [{"function": "Cache.load(_:)", "file": "/src/Cache.swift", "line": 40, "inlined": false}, {"function": "refresh()", "file": "/src/main.swift", "line": 7, "inlined": false}], "stack_omitted": 0, "stack_note": null},
                {"id": 3, "name": "main", "priority": 25, "state": "suspended", "cancelled": false, "origin": "task", "address": "0x7f000300", "thread": null, "waiting_on": {"kind": "group", "id": null, "address": "0xabc0", "description": "its group of 3 tasks"}, "seen_waiting_seconds": null, "parent": null, "children": [20, 21, 22], "stack": [{"function": "refresh()", "file": "/src/main.swift", "line": 7, "inlined": false}], "stack_omitted": 0, "stack_note": null},
                {"id": 12, "name": "reload", "priority": 25, "state": "running", "cancelled": false, "origin": "task", "address": "0x7f000c00", "thread": 13, "waiting_on": null, "seen_waiting_seconds": null, "parent": null, "children": [], "stack": [], "stack_omitted": 0, "stack_note": "it runs: see its thread"}
                ],
                "totals": {"running": 1, "enqueued": 0, "suspended": 2},
                "matched": 3,
                "omitted": 0,
                "unknown": [],
                "unknown_omitted": 0,
                "pause_seconds": null}

                """#)
    }

    @Test func htmlLinksTheTaskThatHoldsTheActor() throws {
        let html = try MadeUpProcess.tasksPage(.html, MadeUpProcess.tasks, seen: Self.seen)
        #expect(
            html.contains(
                "waiting for actor App.Cache, on which <a href=\"/debug/tasks?id=12#task-12\">task 12</a> runs (0xabc0), "
            ))
        #expect(html.contains("on <a href=\"/debug/threads?id=13#thread-13\">thread 13</a>)</span>"))
        #expect(html.contains("<span id=\"task-17\">"))
    }

    @Test func twoActorsOfATypeAreTwoThingsToWaitFor() throws {
        let wait = { (address: UInt) in
            MadeUpProcess.wait(.actor, "actor App.Cache, on which no task runs", address: address)
        }
        let text = try MadeUpProcess.tasksPage(
            .text, [MadeUpProcess.task(1, on: wait(0x10)), MadeUpProcess.task(2, on: wait(0x20))])
        #expect(
            text.contains(
                """
                2 tasks, suspended, waiting for actors
                  actor App.Cache, on which no task runs (0x10): 1
                  actor App.Cache, on which no task runs (0x20): 2

                """), "\(text)")
    }

    @Test func aFailedGuessAtATaskInADescriptionMakesNoLink() {
        #expect(Phrase("task 120 of 12", linking: 12).pieces == [.text("task 120 of 12")])
        #expect(Phrase("on task 12", linking: 12).pieces == [.text("on "), .link("task 12", .task, 12), .text("")])
    }

    @Test func tasksThatAreNotSeenToWaitAreLastAndTheRestLongestFirst() throws {
        let tasks = (1...5).map { MadeUpProcess.task($0, stack: [0x1000 + UInt($0)]) }
        let json = try MadeUpProcess.tasksPage(
            .json, tasks, seen: [2: .seconds(5), 4: .seconds(50), 5: .milliseconds(1)])
        let ids = json.split(separator: "\n").compactMap { line in
            line.hasPrefix("{\"id\": ") ? line.dropFirst(7).prefix { $0.isNumber } : nil
        }
        #expect(ids == ["4", "2", "5", "1", "3"])
        let text = try MadeUpProcess.tasksPage(
            .text, tasks, seen: [2: .seconds(5), 4: .seconds(50), 5: .milliseconds(1)])
        #expect(
            text.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") } == [
                "  4", "  2", "  5", "  1", "  3",
            ])
    }

    @Test func ofManyThatReadTheSameSixAreNamedAndTheRestCounted() throws {
        let text = try MadeUpProcess.tasksPage(.text, (1...47).map { MadeUpProcess.task($0, "n\($0)") })
        #expect(
            text.contains(
                "\n47 tasks, suspended\n  1 \"n1\", 2 \"n2\", 3 \"n3\", 4 \"n4\", 5 \"n5\", 6 \"n6\", … and 41 more\n"))
    }

    @Test func aWaitCountsFromTheFirstLookThatSawIt() {
        let sightings = TaskSightings()
        let start = ContinuousClock.now
        let look = { (stack: [UInt], after: Int) in
            sightings.look(
                at: TasksSnapshot(tasks: [MadeUpProcess.task(1, stack: stack)], unknown: []),
                now: start.advanced(by: .seconds(after)))
        }
        #expect(look([1], 0) == [:])
        #expect(look([1], 3) == [1: .seconds(3)])
        #expect(look([1], 10) == [1: .seconds(10)])
        #expect(look([2], 11) == [:])
        #expect(look([2], 12) == [1: .seconds(1)])
    }

    @Test func aFirstLookSaysNothingOfHowLong() throws {
        let text = try MadeUpProcess.tasksPage(.text, [MadeUpProcess.task(1)], seen: [1: .zero])
        #expect(text.contains("\n1 task, suspended\n"))
    }

    @Test func aTaskThatWasGoneInBetweenIsForgotten() {
        let sightings = TaskSightings()
        let start = ContinuousClock.now
        let tasks = TasksSnapshot(tasks: [MadeUpProcess.task(1)], unknown: [])
        _ = sightings.look(at: tasks, now: start)
        _ = sightings.look(at: TasksSnapshot(tasks: [], unknown: []), now: start.advanced(by: .seconds(1)))
        #expect(sightings.look(at: tasks, now: start.advanced(by: .seconds(2))) == [:])
    }
}

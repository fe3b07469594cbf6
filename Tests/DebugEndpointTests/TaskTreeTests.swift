// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import DebugEndpoint
@testable import ProcessSnapshot

@Suite struct TaskTreeTests {
    @Test func aTreeHasChildrenUnderTheirParentsAndSiblingsThatReadTheSameOnOneLine() throws {
        let text = try MadeUpProcess.tasksPage(.text, MadeUpProcess.tasks, isTree: true)
        #expect(
            text == """
                7 tasks: 1 running, 2 enqueued, 4 suspended; 1 cancelled

                2 tasks, suspended, waiting for actor App.Cache, on which task 12 runs (0xabc0): 17 "refresh", 18 (cancelled)
                    at Cache.load(_:) /src/Cache.swift:40

                task 3 "main": suspended, waiting for its group of 3 tasks
                    at refresh() /src/main.swift:7
                  2 tasks, enqueued, waiting for the global executor: 20 (in a group), 21 (in a group)
                      at Cache.load(_:) /src/Cache.swift:40
                  task 22 "late" (in a group): suspended, waiting for a sleep
                      at 0x600

                task 12 "reload" (on thread 13): running

                """)
    }

    @Test func htmlNestsListsAndClosesEachOfThem() throws {
        let html = try MadeUpProcess.tasksPage(.html, MadeUpProcess.tasks, isTree: true)
        let body = try #require(html.firstRange(of: "<ul>")).lowerBound
        #expect(
            html[body...] == """
                <ul>
                <li>2 tasks, suspended, waiting for actor App.Cache, on which <a href="/debug/tasks?id=12#task-12">task 12</a> runs (0xabc0): <span id="task-17"><a href="/debug/tasks?id=17#task-17">17</a> &quot;refresh&quot;</span>, <span id="task-18"><a href="/debug/tasks?id=18#task-18">18</a> (cancelled)</span><br><small>Cache.load(_:) /src/Cache.swift:40</small></li>
                <li><details open><summary>task <span id="task-3"><a href="/debug/tasks?id=3#task-3">3</a> &quot;main&quot;</span>: suspended, waiting for its group of 3 tasks<br><small>refresh() /src/main.swift:7</small></summary>
                <ul>
                <li>2 tasks, enqueued, waiting for the global executor: <span id="task-20"><a href="/debug/tasks?id=20#task-20">20</a> (in a group)</span>, <span id="task-21"><a href="/debug/tasks?id=21#task-21">21</a> (in a group)</span><br><small>Cache.load(_:) /src/Cache.swift:40</small></li>
                <li>task <span id="task-22"><a href="/debug/tasks?id=22#task-22">22</a> &quot;late&quot; (in a group)</span>: suspended, waiting for a sleep<br><small>0x600</small></li>
                </ul></details></li>
                <li>task <span id="task-12"><a href="/debug/tasks?id=12#task-12">12</a> &quot;reload&quot; (on <a href="/debug/threads?id=13#thread-13">thread 13</a>)</span>: running</li>
                </ul>
                </body>
                </html>

                """)
    }

    @Test func siblingsWithDifferentTasksUnderThemAreNotOneLine() throws {
        let tasks = [
            MadeUpProcess.task(1), MadeUpProcess.task(2), MadeUpProcess.task(3),
            MadeUpProcess.task(11, parent: 1), MadeUpProcess.task(21, parent: 2),
        ]
        let text = try MadeUpProcess.tasksPage(.text, tasks, isTree: true)
        #expect(text.contains("\n2 tasks, suspended: 1, 2\n"))
        #expect(text.contains("\n  2 tasks, suspended: 11, 21\n"))
        #expect(text.contains("\ntask 3: suspended\n"))
    }

    @Test func aFilterKeepsTheParentsOfWhatItTakes() throws {
        let text = try MadeUpProcess.tasksPage(.text, MadeUpProcess.tasks, isTree: true, [("name", "late")])
        #expect(text.contains("\nshown are the 1 that match the query\n"))
        #expect(text.contains("\ntask 3 \"main\""))
        #expect(text.contains("\n  task 22 \"late\""))
        #expect(!text.contains("refresh\""))
    }

    @Test func aTaskWhoseParentIsNotThereIsAtTheTop() throws {
        let text = try MadeUpProcess.tasksPage(.text, [MadeUpProcess.task(5, parent: 99)], isTree: true)
        #expect(text.contains("\ntask 5: suspended\n"))
    }

    @Test func aCircleOfParentsIsShownOnceFromItsLowestID() throws {
        let tasks = [
            MadeUpProcess.task(1, parent: 3), MadeUpProcess.task(2, parent: 1), MadeUpProcess.task(3, parent: 2),
            MadeUpProcess.task(4, parent: 4),
        ]
        let text = try MadeUpProcess.tasksPage(.text, tasks, isTree: true)
        #expect(
            text.split(separator: "\n").filter { $0.contains("suspended") && !$0.contains("tasks:") } == [
                "task 1: suspended", "  task 2: suspended", "    task 3: suspended", "task 4: suspended",
            ])
        _ = try MadeUpProcess.tasksPage(.text, tasks, isTree: true, [("id", "2")])
    }

    @Test func aChainOfManyParentsEndsAtTheDepthThatIsShownAndSaysSo() throws {
        let chain = (1...10_000).map { MadeUpProcess.task($0, parent: $0 == 1 ? nil : $0 - 1) }
        let text = try MadeUpProcess.tasksPage(.text, chain, isTree: true)
        #expect(text.contains("\n9959 tasks left out, deeper than 40 or beyond 1000 lines: "))
        #expect(text.utf8.count < 20_000)
        let html = try MadeUpProcess.tasksPage(.html, chain, isTree: true)
        #expect(html.ranges(of: "<ul>").count == html.ranges(of: "</ul>").count)
        #expect(html.ranges(of: "<details open>").count == html.ranges(of: "</details>").count)
    }
}

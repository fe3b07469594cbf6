// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import DebugEndpoint
@testable import ProcessSnapshot

@Suite struct ThreadsPageTests {
    private let unknown = [UnknownWaiter(id: 9, reason: "it ended meanwhile")]

    @Test func textHasTotalsThenGroupsOfOneStackLongestWaitFirstThenTheUnknown() throws {
        let text = try MadeUpProcess.threadsPage(
            .text, MadeUpProcess.threads, unknown: unknown, pause: .microseconds(80))
        #expect(
            text == """
                4 threads: 1 running, 2 waiting, 1 sleeping, 0 stopped; 1 more of which nothing is known
                no thread was held for longer than 80 µs to look at it

                2 threads, waiting for NSLock 0x7f10 held by thread 13 "worker-3", for at least 3.1 s to 40 s
                  12 "worker-2" (40 s, Dispatch worker, 40 ms of CPU), 11 "worker-1" (3.1 s, Dispatch worker)
                    futex_wait (libc.so.6)
                    Cache.lock() [inlined]
                        /src/Cache.swift:31
                    Cache.value(for:)
                        /src/Cache.swift:12

                1 thread, sleeping in nanosleep, for at least 2.0 s
                  10 "main" (main thread, 1.2 s of CPU)
                    futex_wait (libc.so.6)

                1 thread, running
                  13 "worker-3" (Dispatch worker, runs task 12)
                    Cache.load(_:)
                        /src/Cache.swift:40
                    the stack ends early: frame 2 has no unwind table

                1 thread, nothing known: it ended meanwhile
                  9

                """)
    }

    @Test func jsonHasTheKeysOfTheContractAndNullForWhatIsNotKnown() throws {
        let json = try MadeUpProcess.threadsPage(
            .json, [MadeUpProcess.threads[1], MadeUpProcess.threads[3]], unknown: unknown)
        #expect(
            json == #"""
                {"threads": [
                {"id": 11, "name": "worker-1", "role": "dispatch_worker", "state": "waiting", "system_call": "futex", "cpu_seconds": 0, "waiting_on": {"primitive": "NSLock", "address": "0x7f10", "label": null}, "holder": {"id": 13, "name": "worker-3"}, "waiting_seconds": 3.1, "task": null, "stack": [{"function": "futex_wait", "file": null, "line": null, "inlined": false}, {"function": "Cache.lock()", "file": "/src/Cache.swift", "line": 31, "inlined": true}, {"function": "Cache.value(for:)", "file": "/src/Cache.swift", "line": 12, "inlined": false}], "stack_omitted": 0, "stack_note": null},
                {"id": 13, "name": "worker-3", "role": "dispatch_worker", "state": "running", "system_call": null, "cpu_seconds": 0, "waiting_on": null, "holder": null, "waiting_seconds": null, "task": 12, "stack": [{"function": "Cache.load(_:)", "file": "/src/Cache.swift", "line": 40, "inlined": false}], "stack_omitted": 0, "stack_note": "frame 2 has no unwind table"}
                ],
                "totals": {"running": 1, "waiting": 1, "sleeping": 0, "stopped": 0},
                "matched": 2,
                "omitted": 0,
                "unknown": [
                {"id": 9, "reason": "it ended meanwhile"}],
                "unknown_omitted": 0,
                "pause_seconds": null}

                """#)
    }

    @Test func htmlHasAnAnchorForEachThreadAndLinksToHolderAndTask() throws {
        let html = try MadeUpProcess.threadsPage(.html, MadeUpProcess.threads, unknown: unknown)
        let body = try #require(html.firstRange(of: "<section>")).lowerBound
        #expect(
            html[body...] == """
                <section>
                <h2>2 threads, waiting for NSLock 0x7f10 held by <a href="/debug/threads?id=13#thread-13">thread 13</a> &quot;worker-3&quot;, for at least 3.1 s to 40 s</h2>
                <ul>
                <li><span id="thread-12"><a href="/debug/threads?id=12#thread-12">12</a> &quot;worker-2&quot; (40 s, Dispatch worker, 40 ms of CPU)</span>, <span id="thread-11"><a href="/debug/threads?id=11#thread-11">11</a> &quot;worker-1&quot; (3.1 s, Dispatch worker)</span></li>
                </ul>
                <details open><summary>3 functions: Cache.lock() [inlined]</summary>
                <ol>
                <li>futex_wait (libc.so.6)</li>
                <li>Cache.lock() [inlined]<br><small>/src/Cache.swift:31</small></li>
                <li>Cache.value(for:)<br><small>/src/Cache.swift:12</small></li>
                </ol>
                </details>
                </section>
                <section>
                <h2>1 thread, sleeping in nanosleep, for at least 2.0 s</h2>
                <ul>
                <li><span id="thread-10"><a href="/debug/threads?id=10#thread-10">10</a> &quot;main&quot; (main thread, 1.2 s of CPU)</span></li>
                </ul>
                <details open><summary>1 function: futex_wait (libc.so.6)</summary>
                <ol>
                <li>futex_wait (libc.so.6)</li>
                </ol>
                </details>
                </section>
                <section>
                <h2>1 thread, running</h2>
                <ul>
                <li><span id="thread-13"><a href="/debug/threads?id=13#thread-13">13</a> &quot;worker-3&quot; (Dispatch worker, runs <a href="/debug/tasks?id=12#task-12">task 12</a>)</span></li>
                </ul>
                <details open><summary>1 function: Cache.load(_:)</summary>
                <ol>
                <li>Cache.load(_:)<br><small>/src/Cache.swift:40</small></li>
                </ol>
                <p>the stack ends early: frame 2 has no unwind table</p>
                </details>
                </section>
                <section>
                <h2>1 thread, nothing known: it ended meanwhile</h2>
                <p>9</p>
                </section>
                </body>
                </html>

                """)
    }

    @Test func threadsAtOneStackThatWaitForDifferentLocksAreOneGroupThatNamesEachLock() throws {
        let lock = { (address: UInt) in BlockingPrimitive(kind: "NSLock", address: address) }
        let text = try MadeUpProcess.threadsPage(
            .text,
            [
                MadeUpProcess.thread(1, "a", on: lock(0x10), heldBy: .init(id: 7, name: nil)),
                MadeUpProcess.thread(2, "b", on: lock(0x20)),
                MadeUpProcess.thread(3, "c", on: lock(0x10), heldBy: .init(id: 7, name: nil)),
            ])
        #expect(
            text.contains(
                "\n3 threads, waiting for NSLock\n  0x10 held by thread 7: 1 \"a\", 3 \"c\"\n  0x20: 2 \"b\"\n"),
            "\(text)")
    }

    @Test func aThreadThatIsListedIsNotCountedAgainAmongTheUnknown() throws {
        let listed = MadeUpProcess.thread(9, stack: [], note: "it blocks SIGPROF")
        let unknown = [UnknownWaiter(id: 9, reason: "it blocks SIGPROF"), UnknownWaiter(id: 10, reason: "it ended")]
        let text = try MadeUpProcess.threadsPage(.text, [listed], unknown: unknown)
        #expect(text.contains("; 1 more of which nothing is known\n"))
        #expect(text.contains("\n  9 \"worker\"\n    no stack: it blocks SIGPROF\n"))
        #expect(text.contains("\n1 thread, nothing known: it ended\n  10\n"))
        #expect(try MadeUpProcess.threadsPage(.json, [listed], unknown: unknown).ranges(of: "\"reason\"").count == 2)
    }

    @Test func aPrimitiveWithALabelIsCalledByIt() throws {
        let queue = BlockingPrimitive(kind: "DispatchQueue.sync", address: 0x10, label: "app.writes")
        let thread = MadeUpProcess.thread(1, on: queue)
        #expect(
            try MadeUpProcess.threadsPage(.text, [thread])
                .contains("\n1 thread, waiting for DispatchQueue.sync \"app.writes\" 0x10\n"))
        #expect(try MadeUpProcess.threadsPage(.json, [thread]).contains("\"label\": \"app.writes\"}"))
    }

    @Test func threadsInDifferentStatesOrWaitsAreDifferentGroupsThoughTheirStackIsOne() throws {
        let text = try MadeUpProcess.threadsPage(
            .text,
            [
                MadeUpProcess.thread(1, call: "futex"), MadeUpProcess.thread(2, call: "futex"),
                MadeUpProcess.thread(3, "w", .sleeping, call: "futex"), MadeUpProcess.thread(4, call: "read"),
                MadeUpProcess.thread(5, call: "futex", on: .init(kind: "sem_t", address: 1)),
            ])
        let headings = text.split(separator: "\n").filter { $0.contains("thread") && !$0.hasPrefix(" ") }.dropFirst()
        #expect(
            headings == [
                "2 threads, waiting in futex", "1 thread, sleeping in futex", "1 thread, waiting in read",
                "1 thread, waiting for sem_t 0x1",
            ])
    }

    @Test func aFirstAddressIsExactAndTheOthersAreReturnAddresses() throws {
        // 0x200 is known to the fixture as a return address only, 0x100 as an instruction only.
        let right = try MadeUpProcess.threadsPage(.text, [MadeUpProcess.thread(1, stack: [0x100, 0x200])])
        #expect(right.contains("futex_wait") && right.contains("Cache.lock()"))
        let turned = try MadeUpProcess.threadsPage(.text, [MadeUpProcess.thread(1, stack: [0x200, 0x100])])
        #expect(turned.contains("    0x200 (libunknown.so)\n    0x100 (libunknown.so)\n"))
    }

    @Test func aDeepStackIsCutInTheMiddleInTextAndAtItsEndInJSON() throws {
        let deep = MadeUpProcess.thread(1, stack: [UInt](repeating: 0x200, count: 5000))
        let text = try MadeUpProcess.threadsPage(.text, [deep])
        // The first address has one function, the others have two; 60 are shown.
        #expect(text.contains("\n    … 9939 more functions …\n"))
        #expect(text.utf8.count < 10_000)
        let json = try MadeUpProcess.threadsPage(.json, [deep])
        #expect(json.contains("\"stack_omitted\": 9871,"))  // 128 are shown
    }
}

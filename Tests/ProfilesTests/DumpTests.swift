// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Profiles
import Testing

struct DumpTests {
    @Test func aDumpReadsLikeGos() {
        let dump = Dump(
            [
                DumpEntry(
                    kind: "thread", id: 4711, state: "waiting on NSLock", duration: .seconds(200),
                    labels: [Label("name", "worker-3")],
                    stack: [Fixture.unnamed, Fixture.serve, Fixture.main].map(Fixture.location)),
                DumpEntry(
                    kind: "task", id: 17, state: "suspended", duration: .seconds(59), remarks: ["cancelled"],
                    labels: [Label("name", "refresh"), Label("priority", 25, unit: ""), Label("empty", "")],
                    stack: [Fixture.location(Fixture.nowhere)], note: "the rest could not be read"),
                DumpEntry(kind: "thread", id: 9, state: "running", stack: [], note: "the thread has ended"),
            ], mappings: Fixture.mappings)
        #expect(
            text(dump.text()) == """
                thread 4711 [waiting on NSLock, 3 minutes] {name: "worker-3"}:
                0x7040
                \t/usr/lib/libc.so.6+0x1040
                parse(_:)
                \t/src/Parser.swift:40 (inlined)
                serve()
                \t/src/Server.swift:12 +0x20
                main
                \t/src/main.swift:3 +0x10

                task 17 [suspended, cancelled] {name: refresh, priority: 25, empty: ""}:
                0x9999
                \t?
                ... the rest could not be read

                thread 9 [running]:
                ... the thread has ended

                """)
    }

    @Test func aDumpOfNothingIsEmpty() {
        #expect(Dump([], mappings: Fixture.mappings).text().isEmpty)
    }

    @Test func aDumpEndsBeforeItsLimitAndSaysWhatItLeavesOut() {
        let entries = (0..<100).map { DumpEntry(kind: "thread", id: $0, state: "running", stack: []) }
        let dump = Dump(entries, mappings: Fixture.mappings)
        let whole = dump.text()
        #expect(dump.text(limit: whole.count) == whole)
        let short = text(dump.text(limit: 50))
        #expect(
            short
                == "thread 0 [running]:\n\nthread 1 [running]:\n\n... 98 more are left out: the dump is limited to 50 bytes\n"
        )
        #expect(text(dump.text(limit: 0)) == "... 100 more are left out: the dump is limited to 0 bytes\n")
    }

    @Test func aLongWaitAndAnOddOneTrapNothing() {
        let durations: [Duration] = [.seconds(Int64.max), .seconds(-100), .zero, .seconds(60)]
        let states = durations.map { duration in
            text(
                Dump(
                    [DumpEntry(kind: "t", id: .max, state: "s", duration: duration, stack: [])],
                    mappings: Fixture.mappings
                ).text())
        }
        let head = "t 18446744073709551615 [s"
        #expect(
            states == [
                "\(head), 153722867280912930 minutes]:\n", "\(head)]:\n", "\(head)]:\n", "\(head), 1 minutes]:\n",
            ])
    }
}

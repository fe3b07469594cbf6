// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The leak detector in a host that knows who is stuck. Each in a process of its own.
import HeapProfile
import Testing

@Suite(
    .serialized,
    .enabled(if: HeapLook.refusal == nil, "there is no allocation tap in this build, such as with a sanitizer"))
struct HostLeakTests {
    @Test func everyStuckThreadAndTaskIsFoundAndNobodyElseScanAfterScan() throws {
        let host = try HostProcess("truth", ["3"], of: "LeakHost")
        for scan in 1...3 {
            #expect(host.values["scan_\(scan)_missed"] == "[]")
            #expect(host.values["scan_\(scan)_accused"] == "[]")
            #expect(host.values["scan_\(scan)_unknown"] == "[]")
            #expect(host.number("scan_\(scan)_retracted") == 0)
        }
    }

    @Test func theFirstRequestFindsThemAll() throws {
        let host = try HostProcess("answer", of: "LeakHost")
        #expect(host.number("status") == 200)
        #expect(host.values["missed"] == "[]")
        #expect(host.values["accused"] == "[]")
        #expect(host.values["text_names_all"] == "true")
    }

    @Test func whatATaskWaitsForIsNamedByItsTypeWhereItIsAnObject() throws {
        let host = try HostProcess("answer", of: "LeakHost")
        #expect(host.values["type_of_an_actor"] == "LeakHost.StuckActor")
        #expect(host.values["type_of_a_continuation"] == "none")
    }

    @Test func aReferenceThatMovesAllTheTimeIsNeverMissed() throws {
        let host = try HostProcess("moving", ["20"], of: "LeakHost", limit: .seconds(300))
        #expect(host.number("accusations") == 0)
        #expect(
            host.values["found_when_dropped"] == #"["leak-boxes", "leak-slots", "leak-stacks"]"#, "positive control")
    }

    @Test func noSystemCallOfTheHostEndsBecauseItsRegistersAreRead() throws {
        let host = try HostProcess("interruptions", of: "LeakHost")
        #expect(host.number("leaks_found") == 15, "positive control: 1 to 5 of them")
        #expect(host.number("returned_during_scans") == 0)
        #expect(host.number("interrupted_by_a_signal") == 6, "positive control")
        #expect(host.number("child_signals") == 0)
        #expect(host.number("children_left") == 0)
    }
}

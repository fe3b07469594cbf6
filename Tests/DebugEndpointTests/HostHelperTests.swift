// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The process that reads registers for a scan lives for some 100 µs. These tests catch it, stop it there, and look at what is left.
import HeapProfile
import Testing

@Suite(
    .serialized,
    .enabled(if: HeapLook.refusal == nil, "there is no allocation tap in this build, such as with a sanitizer"))
struct HostHelperTests {
    @Test func noHelperOutlivesAHostThatIsKilledInMidScanAndNoneKeepsItsPort() throws {
        let host = try HostProcess("helper", ["killed"], of: "LeakHost", limit: .seconds(300))
        #expect(host.number("helpers_that_ended") == 4)
        #expect(host.number("stopped_ones_that_were_killed") == 2, "positive control: they were there")
        #expect(host.number("ports_closed") == 4)
        #expect(host.number("children_left") == 0)
    }

    @Test func aHelperThatIsStoppedFromOutsideIsEndedAndTheScanSaysSo() throws {
        let host = try HostProcess("helper", ["stopped"], of: "LeakHost", limit: .seconds(300))
        #expect(host.values["reason"]?.contains("was stopped or ended from outside") == true, "\(host.output)")
        #expect(host.number("seconds") < 15)
        #expect(host.values["is_gone"] == "true")
        #expect(host.number("children_left") == 0)
        #expect(host.number("unknown_afterwards") == 0)
        #expect(host.number("found_afterwards") > 0)
    }

    @Test func aPortThatTheHostClosesInMidScanIsClosed() throws {
        let host = try HostProcess("helper", ["listening"], of: "LeakHost", limit: .seconds(300))
        #expect(host.values["accepts_before"] == "true", "positive control")
        #expect(host.values["accepts_afterwards"] == "false")
        #expect(host.values["helper_is_there"] == "true")
    }
}

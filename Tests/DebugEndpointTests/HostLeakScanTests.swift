// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Who asks for scans, and what each is given. In processes of their own, where nobody else asks.
import HeapProfile
import Testing

@Suite(
    .serialized,
    .enabled(if: HeapLook.refusal == nil, "there is no allocation tap in this build, such as with a sanitizer"))
struct HostLeakScanTests {
    @Test func whoAskAtOnceShareScansThatBeganAfterTheyAsked() throws {
        let host = try HostProcess("shared", of: "LeakHost", limit: .seconds(240))
        #expect(host.number("answers") == 16)
        #expect((1...3).contains(host.number("scans")))
        #expect(host.number("stuck_before_asking_and_missed") == 0)
    }

    @Test func aServerScansByItselfAndSaysWhatIsNewUntilItIsStopped() throws {
        let host = try HostProcess("watch", of: "LeakHost")
        #expect(host.values["first_new"] == #"["leak-first"]"#)
        #expect(host.number("reports_with_second_as_new") == 1)
        #expect(host.values["last_new"] == "[]")
        #expect(host.values["accused"] == "[]", "what only the callback refers to is kept")
        #expect(host.number("log_lines") == 2)
        #expect(host.number("after_stop") == 0)
    }
}

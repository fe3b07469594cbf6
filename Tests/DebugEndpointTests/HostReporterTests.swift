// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A reporter of DebugEndpointDogStatsD in a process of its own: environment, signals and the pool are the process's.
import Testing

struct HostReporterTests {
    @Test func theReporterDoesAsTheEnvironmentSaysWhileTheServiceIsStuck() throws {
        let host = try HostProcess("reporter-at-work", limit: .seconds(60))
        #expect(host.values["unset"] == "nil")
        #expect(host.values["pool_is_stuck"] == "true")
        #expect(host.number("lines") > 40)
        #expect(host.number("lines_with_all_tags") == host.number("lines"))
        #expect(host.values["standard_input_is_taken"] == "false")
        #expect(host.values["last_values_came"] == "true")
    }

    @Test func theReportersThreadTakesNoSignalOfTheHostAndLeavesNothingBehind() throws {
        let host = try HostProcess("reporter-at-work", limit: .seconds(60))
        #expect(host.values["thread"] == "one")
        for signal in ["USR1", "ALRM", "TERM"] { #expect(host.values["blocks_\(signal)"] == "true", "\(signal)") }
        for signal in ["PROF", "SEGV"] { #expect(host.values["blocks_\(signal)"] == "false", "\(signal)") }
        #expect(host.values["thread_has_ended"] == "true")
        #expect(host.values["descriptors_are_as_before"] == "true")
    }
}

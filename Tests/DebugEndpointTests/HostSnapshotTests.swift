// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What looks at threads and tasks must not do to their host, and what they must see: each in a process of its own.
import Foundation
import Testing

struct HostSnapshotTests {
    @Test func noSystemCallIsInterruptedByLooksOrProfiles() throws {
        let host = try HostProcess("interrupted-calls", limit: .seconds(300))
        #expect(host.number("callers") == 36)
        #expect(host.number("sleepers") == 9)
        #expect(host.number("looks") >= 200)
        #expect(host.number("right_answers") == host.number("looks"))
        #expect(host.number("samples") > 100, "callers were profiled")
        #expect(host.number("calls_meanwhile") > 1000)
        #expect(host.number("interruptions") == 0, "\(host.values["calls_interrupted"] ?? "")")
        #expect(host.number("wakes_of_sleepers") == 0, "who waits is not even woken")
        #expect(host.number("callers_interrupted_by_a_signal") == 36, "a signal that is sent does interrupt")
        #expect(host.number("sleepers_woken_by_a_signal") == 9)
    }

    @Test func everyThreadOf1500IsListedAndCanBeProfiled() throws {
        let host = try HostProcess("many-threads")
        #expect(host.number("threads_before") < 10)
        #expect(host.values["statuses"] == "200,200")
        #expect(host.number("found") == 1500)
        #expect(host.number("with_their_system_call") == 1500)
        #expect(host.number("with_their_function") == 1500)
        #expect(host.number("listed") >= host.number("threads"))
        #expect(host.number("unknown") == 0)
        #expect(host.number("milliseconds") < 20_000, "not optimized, on a machine that does other things too")
        #expect(host.number("timers") > 1500)
        #expect(host.number("profile") == 200)
        #expect(host.number("timers_afterwards") == 0)
    }

    @Test func aThreadThatBlocksAllSignalsIsNamedWithTheReasonOrHasItsStack() throws {
        let host = try HostProcess("deaf-threads")
        #expect(host.number("status") == 200)
        #expect(host.values["reason"]?.contains("it runs and blocks SIGPROF") == true)
        #expect(host.values["state_of_the_runner"] == "true")
        #expect(host.values["stack_of_the_waiter"] == "true")
        #expect(host.number("unknown") == 1)
        #expect(host.number("listed") >= host.number("threads"))
        #expect(host.number("with_a_stack") == host.number("listed") - 1)
        #expect(host.values["stack_once_it_hears"] == "true")
        #expect(host.number("unknown_once_it_hears") == 0)
    }

    @Test func nothingIsAwakeWhenNobodyAsks() throws {
        let host = try HostProcess("idle-cost")
        #expect(host.number("threads") >= 1, "the server is there")
        for time in ["before", "afterwards"] {
            #expect(host.number("timers_\(time)") == 0)
            #expect(host.values["handler_changed_\(time)"] == "false")
            #expect(host.number("switches_\(time)") == 0)
        }
        #expect(host.number("right_answers") == 5)
        #expect(host.number("threads_afterwards") == host.number("threads"))
        #expect(host.number("timers_meanwhile") > 0)
        #expect(host.values["handler_changed_meanwhile"] == "true")
        #expect(host.number("switches_meanwhile") > 5)
    }

    @Test func aSystemWithoutTimersIsSaidToBeWhatIsMissing() throws {
        let host = try HostProcess("timer-limit")
        #expect(host.values["stack_before"] == "true")
        #expect(host.values["is_limited"] == "true")
        #expect(host.number("status") == 200)
        #expect(host.values["reason"]?.contains("raise the limit of pending signals") == true)
        #expect(host.number("with_a_stack") == host.number("listed") - 1, "who waits needs none")
        #expect(host.number("profile") == 501)
        #expect(host.values["profile_sentence"]?.contains("raise the limit of pending signals") == true)
        #expect(host.number("samples_afterwards") > 0)
    }
}

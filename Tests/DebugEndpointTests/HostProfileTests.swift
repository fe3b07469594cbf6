// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The CPU profile in its host: its signal, who shares it, and what it shows. Each in a process of its own.
import Testing

struct HostProfileTests {
    @Test(arguments: ["default", "ignore", "handler", "information"])
    func theActionOfSIGPROFIsBackAfterEveryLookAndProfile(action: String) throws {
        let host = try HostProcess("profiling-signal", [action])
        #expect(host.number("right_looks") == 2)
        #expect(host.values["action_after_looks"] == "true")
        #expect(host.values["action_meanwhile"] == "false", "it is another one while a profile is taken")
        #expect(host.number("samples") > 20)
        #expect(host.values["action_afterwards"] == "true")
        #expect(host.number("runs_for_samples") == 0, "our signals are not the host's")
    }

    @Test(arguments: ["handler", "information"])
    func theHostsOwnProfilingTimerReachesItsHandlerDuringAProfile(action: String) throws {
        let host = try HostProcess("profiling-signal", [action, "timer"])
        #expect(host.values["runs_alone"] == "true")
        #expect(host.values["handler_is_ours"] == "true")
        #expect(host.number("runs_meanwhile") > 20)
        #expect(host.number("samples_beside_the_hosts") > 2)
        #expect(host.values["runs_afterwards"] == "true")
        #expect(host.values["action_after_both"] == "true")
    }

    @Test func aSignalThatWaitsUntilAfterTheProfileDoesNotEndTheHost() throws {
        let host = try HostProcess("blocked-signal")
        #expect(host.number("signal_of_a_careless_child") == 27, "SIGPROF does end who has no handler")
        #expect(host.values["a_signal_waits"] == "true")
        #expect(host.number("samples_while_it_blocks") == 0)
        #expect(host.number("answer_after_the_profile") == 200)
        #expect(host.values["lets_it_through"] == "true")
        #expect(host.number("samples_once_it_does") > 20)
        #expect(host.values["action_afterwards"] == "true")
        #expect(host.number("signal_of_a_child_afterwards") == 27)
        #expect(host.values["survived"] == "true")
    }

    @Test func viewersShareARunAsLongAsOneOfThemStays() throws {
        let host = try HostProcess("shared-profile")
        #expect(host.number("first_status") == 200)
        #expect(host.number("second_status") == 200)
        #expect(host.values["bodies_are_the_same"] == "true")
        #expect(host.number("body_size") > 100)
        #expect(host.number("milliseconds_of_both") < 7500, "two runs would take 8 s")
        #expect(host.values["next_is_the_same"] == "false")

        #expect(host.number("other_status") == 503)
        #expect((1...5).contains(host.number("other_retry_after")))
        #expect(host.values["other_sentence"]?.contains("retry in") == true)

        #expect(host.number("status_beside_a_long_run") == 503)
        #expect(host.number("status_once_it_has_gone") == 200)
        #expect(host.number("status_of_who_stays") == 200)
        #expect(host.number("samples_of_who_stays") > 10)
        #expect(host.number("milliseconds_of_who_stays") < 5900, "a run of its own would take 6 s")
        #expect(host.number("status_afterwards") == 200)

        // Who asks while a run is being ended gets no short profile.
        if host.number("status_of_who_returned") == 200 {
            #expect(host.number("milliseconds_of_who_returned") >= 3000)
        } else {
            #expect(host.number("status_of_who_returned") == 503)
            #expect(host.number("retry_after_of_who_returned") == 1)
        }
        #expect(host.number("status_of_who_returned_again") == 200)

        #expect(host.number("stop_milliseconds") < 2000)
        #expect(host.number("stopped_status") == 503)
        #expect(host.values["stopped_sentence"]?.contains("is being stopped") == true)
        #expect(host.number("stopped_status_of_the_second") == 503)
        #expect(host.number("timers_after_stop") == 0)
        #expect(host.number("status_of_the_next_server") == 200)
    }

    @Test func threadsThatStartDuringAProfileAreInIt() throws {
        let host = try HostProcess("late-threads")
        #expect(host.number("samples_before") == 0)
        #expect(host.values["begins"] == "true")
        #expect(host.number("samples") > 20)
        #expect(host.values["threads"] == "late-0,late-1,late-2")
    }

    @Test(arguments: ["thread", "task"])
    func timeIsAttributedToTheFunctionsThatSpentItAndTheirCallers(place: String) throws {
        let host = try HostProcess("attribution", [place], limit: .seconds(240))
        #expect(host.number("samples") >= 2000)
        for (name, percent) in [("burnLarge", 70.0), ("burnMiddle", 20), ("burnSmall", 10)] {
            let share = host.number("percent_of_\(name)")
            #expect(abs(share - percent) < 8, "\(name) has \(share) %")
        }
        #expect(host.number("percent_with_callers_in_order") > 95, "\(host.values["heaviest_stack"] ?? "")")
    }
}

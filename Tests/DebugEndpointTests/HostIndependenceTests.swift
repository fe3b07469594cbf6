// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The endpoint against a host that is stuck: each in a process of its own.
import Testing

struct HostIndependenceTests {
    @Test func theEndpointAnswersWhileTheCooperativePoolIsBlocked() throws {
        let host = try HostProcess("blocked-pool", limit: .seconds(60))
        #expect(host.values["task_runs_before"] == "true")
        #expect(host.values["task_runs_meanwhile"] == "false", "the pool really is blocked")
        #expect(host.number("right_answers") == 100)
        #expect(host.number("slowest_milliseconds") < 2000)
        #expect(host.values["task_has_run_after_the_answers"] == "false", "and still was at the end")
        #expect(host.number("blocked_tasks_ended_early") == 0)
        #expect(host.values["task_runs_afterwards"] == "true")
    }

    @Test func aVariableThatBlocksDelaysOnlyItsOwnRequests() throws {
        let host = try HostProcess("blocked-variable", limit: .seconds(60))
        #expect(host.number("stuck_requests_running") == 2)
        #expect(host.number("rounds") >= 10)
        #expect(host.number("right_answers") == 2 * host.number("rounds"))
        #expect(host.number("slowest_milliseconds") < 2000)
        #expect(host.number("stuck_answers_meanwhile") == 0)
        #expect(host.number("stuck_answers_afterwards") == 2)
    }
}

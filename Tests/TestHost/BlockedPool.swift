// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc
import Synchronization

/// Blocks every thread of the cooperative pool and asks the endpoint meanwhile.
enum BlockedPool {
    @Sendable static func run() throws {
        let registry = VariableRegistry()
        registry.counter("jobs_total").increment()
        let server = try startServer(registry)
        let client = DebugClient(server)
        report("task_runs_before", taskRuns(within: .seconds(5)).hasRun)

        let door = Door()
        let cores = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let ended = Tally()
        for _ in 0..<(4 * cores) {
            Task.detached(priority: .high) {
                door.wait()
                ended.add()
            }
        }
        eventually { door.arrived >= cores }
        let probe = taskRuns(within: .milliseconds(300))
        report("task_runs_meanwhile", probe.hasRun)

        var right = 0
        var slowest: Duration = .zero
        for path in ["/debug/vars", "/metrics", "/debug/", "/openapi.yaml"] {
            for _ in 0..<25 {
                let start = ContinuousClock.now
                if try client.get(path).status == 200 { right += 1 }
                slowest = max(slowest, ContinuousClock.now - start)
            }
        }
        report("right_answers", right)
        report("slowest_milliseconds", Int(slowest / .milliseconds(1)))
        report("task_has_run_after_the_answers", probe.flag.load())
        report("blocked_tasks_ended_early", ended.count)

        door.open()
        report("task_runs_afterwards", eventually { probe.flag.load() })
        server.stop()
    }

    private final class Flag: Sendable {
        private let value = Atomic(false)
        func set() { value.store(true, ordering: .relaxed) }
        func load() -> Bool { value.load(ordering: .relaxed) }
    }

    private final class Tally: Sendable {
        private let value = Atomic(0)
        var count: Int { value.load(ordering: .relaxed) }
        func add() { value.wrappingAdd(1, ordering: .relaxed) }
    }

    /// Whether a new task gets to run in time.
    private static func taskRuns(within limit: Duration) -> (hasRun: Bool, flag: Flag) {
        let flag = Flag()
        Task.detached(priority: .high) { flag.set() }
        return (eventually(within: limit) { flag.load() }, flag)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import Glibc

/// The scheduling probe while the cooperative pool is full: jobs wait there and nowhere else.
enum RuntimeProbe {
    @Sendable static func run() throws {
        let names = ["pool", "main-queue", "global-queue"]
        func values(_ name: String) -> (count: UInt64, pending: Double, isAbsent: Bool) {
            let samples = RuntimeMetrics.read([
                "/sched/latencies/\(name):seconds", "/sched/latencies/\(name)-pending:seconds",
            ])
            var count: UInt64 = 0
            if case .histogram(let histogram) = samples[0].value { count = histogram.counts.reduce(0, +) }
            return (count, samples[1].value.number ?? -1, samples[0].value == .absent)
        }
        for name in names { report("absent_\(name)", values(name).isAbsent) }

        var configuration = DebugServer.Configuration(address: .loopback(port: 0), registry: VariableRegistry())
        configuration.schedulingProbe = true
        let server = try DebugServer.start(configuration)
        eventually { values("pool").count > 0 && values("global-queue").count > 0 }
        report("pool_ran", values("pool").count)
        report("global_queue_ran", values("global-queue").count)
        // The main thread is here and drains no queue.
        eventually { values("main-queue").pending > 0.5 }
        report("main_queue_ran", values("main-queue").count)
        report("main_queue_pending", values("main-queue").pending)

        let door = Door()
        let width = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        for _ in 0..<width * 2 { Task.detached { door.wait() } }
        eventually { door.arrived >= width }
        eventually { values("pool").pending > 1.5 }
        report("pool_pending", values("pool").pending)
        let inGlobalQueue = values("global-queue").count
        eventually { values("global-queue").count > inGlobalQueue }
        report("global_queue_runs_on", values("global-queue").count > inGlobalQueue)
        door.open()
        eventually { values("pool").pending < 0.5 }
        report("pool_pending_afterwards", values("pool").pending)
        server.stop()
        eventually {
            !Proc.names(in: "/proc/self/task").contains { Proc.read("/proc/self/task/\($0)/comm") == "debug-probe\n" }
        }
        report(
            "threads_of_the_probe",
            Proc.names(in: "/proc/self/task").count { Proc.read("/proc/self/task/\($0)/comm") == "debug-probe\n" })
    }
}

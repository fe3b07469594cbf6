// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc

/// Starts and stops ten thousand servers, every tenth with a request, and reports what has grown since the warm-up.
enum RepeatedStarts {
    private static let warmUp = 500
    private static let cycles = 10_000

    @Sendable static func run() throws {
        let registry = VariableRegistry()
        registry.counter("jobs_total").increment()
        let failures = try cycle(warmUp, registry)
        settle()
        let before = (Proc.threadCount, Proc.descriptorCount, Proc.status("VmRSS"))
        let start = ContinuousClock.now
        let later = try cycle(cycles, registry)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        settle()
        report("cycles", cycles)
        report("wrong_answers", failures + later)
        report("thread_growth", Proc.threadCount - before.0)
        report("descriptor_growth", Proc.descriptorCount - before.1)
        report("resident_growth_kib", Int(Proc.status("VmRSS")) - Int(before.2))
        report("seconds", seconds)

        // The measures do see what they are there for.
        let server = try startServer(registry)
        report("threads_of_one_server", Proc.threadCount - before.0)
        report("descriptors_of_one_server", Proc.descriptorCount - before.1)
        server.stop()
    }

    private static func cycle(_ count: Int, _ registry: VariableRegistry) throws -> Int {
        var failures = 0
        for round in 0..<count {
            let server = try startServer(registry)
            if round % 10 == 0 {
                let answer = try DebugClient(server).get("/debug/vars?match=jobs_*")
                if answer.status != 200 || !answer.text.contains("\"jobs_total\": 1") { failures += 1 }
            }
            server.stop()
        }
        return failures
    }

    /// The thread that took the last server down ends on its own.
    private static func settle() {
        eventually { Proc.threadCount == 1 }
    }
}

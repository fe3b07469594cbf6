// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc
import Synchronization

/// Threads that start while a profile runs.
enum LateThreads {
    private static let isDone = Atomic(false)

    @Sendable static func run() throws {
        let server = try startServer()
        let client = DebugClient(server)
        let path = "/debug/pprof/profile?hz=500&format=folded&seconds="
        report("samples_before", try samples(client.get(path + "1")))
        let profile = PendingAnswer(client, path + "4")
        report("begins", Profiling.begins())
        for number in 0..<3 {
            startThread {
                nameThread("late-\(number)")
                burnLate()
            }
        }
        let answer = profile.wait()
        isDone.store(true, ordering: .relaxed)
        report("samples", answer.map(samples) ?? -1)
        let names = answer?.foldedStacks.filter { $0.stack.contains("burnLate") }.compactMap {
            $0.stack.split(separator: ";").first
        }
        report("threads", Set(names ?? []).sorted().joined(separator: ","))
        server.stop()
    }

    @inline(never) private static func burnLate() {
        while !isDone.load(ordering: .relaxed) {}
    }

    private static func samples(_ answer: DebugClient.Answer) -> Int {
        answer.foldedStacks.filter { $0.stack.contains("burnLate") }.map(\.count).reduce(0, +)
    }
}

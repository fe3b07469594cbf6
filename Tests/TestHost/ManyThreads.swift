// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc

/// Looks at 1 500 threads and profiles them.
enum ManyThreads {
    private static let count = 1500

    @Sendable static func run() throws {
        let server = try startServer()
        let client = DebugClient(server)
        report("threads_before", try ThreadsAnswer(client).threads.count)
        let door = Door()
        for number in 0..<count {
            startThread {
                nameThread("one-of-1500-\(number)")
                door.wait()
            }
        }
        eventually(within: .seconds(30)) { door.arrived == count }
        let first = try ThreadsAnswer(client)  // learns the symbols
        let start = ContinuousClock.now
        let answer = try ThreadsAnswer(client)
        report("milliseconds", Int((ContinuousClock.now - start) / .milliseconds(1)))
        let ours = answer.threads.filter { $0.contains("\"name\": \"one-of-1500-") }
        report("statuses", "\(first.status),\(answer.status)")
        report("found", Set(ours.compactMap(ThreadsAnswer.id)).count)
        report("with_their_system_call", ours.filter { $0.contains("\"system_call\": \"read\"") }.count)
        report("with_their_function", ours.filter { $0.contains("Door.wait()") }.count)
        report("threads", Proc.threadCount)
        report("listed", answer.threads.count)
        report("unknown", answer.unknown.count)
        let profile = PendingAnswer(client, "/debug/pprof/profile?seconds=1")
        report("timers", eventually(within: .seconds(30)) { Profiling.timerCount > count } ? Profiling.timerCount : -1)
        report("profile", profile.wait()?.status ?? 0)
        report("timers_afterwards", Profiling.timerCount)
        door.open()
        server.stop()
    }
}

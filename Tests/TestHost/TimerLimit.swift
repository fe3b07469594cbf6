// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc
import Synchronization

/// The system gives this process no timers: each counts as a signal that waits, and none may (RLIMIT_SIGPENDING).
enum TimerLimit {
    private static let isDone = Atomic(false)

    @Sendable static func run() throws {
        let server = try startServer()
        let client = DebugClient(server)
        startThread {
            nameThread("runs")
            while !isDone.load(ordering: .relaxed) {}
        }
        eventually(within: .seconds(30)) {
            (try? ThreadsAnswer(client).thread("runs").map(ThreadsAnswer.hasStack)) == true
        }
        report("stack_before", try ThreadsAnswer(client).thread("runs").map(ThreadsAnswer.hasStack) == true)

        let signalsPending = __rlimit_resource_t(11)
        var limit = rlimit()
        getrlimit(signalsPending, &limit)
        let before = limit.rlim_cur
        limit.rlim_cur = 0
        report("is_limited", setrlimit(signalsPending, &limit) == 0)
        let answer = try ThreadsAnswer(client)
        report("status", answer.status)
        report("reason", answer.reason("runs").map(String.init) ?? "none")
        report("with_a_stack", answer.threads.filter(ThreadsAnswer.hasStack).count)
        report("listed", answer.threads.count)
        let profile = try client.get("/debug/pprof/profile?seconds=1")
        report("profile", profile.status)
        report(
            "profile_sentence",
            profile.status == 200 ? "none" : profile.text.split(separator: "\n").last.map(String.init) ?? "none")
        limit.rlim_cur = before
        setrlimit(signalsPending, &limit)
        report("samples_afterwards", try client.get("/debug/pprof/profile?seconds=1&format=folded").foldedStacks.count)
        isDone.store(true, ordering: .relaxed)
        server.stop()
    }
}

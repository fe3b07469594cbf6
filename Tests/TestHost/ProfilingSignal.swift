// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc
import Synchronization

/// The host has an action of its own for SIGPROF, which the second argument names: default, ignore, handler or information.
enum ProfilingSignal {
    /// How often the host's handler ran. Made before the handler is installed, so that it only adds.
    private static let runs = Atomic(0)
    private static let isDone = Atomic(false)

    @Sendable static func run() throws {
        _ = runs.load(ordering: .relaxed)
        install(CommandLine.arguments.dropFirst(2).first ?? "default")
        let before = Profiling.Action.current
        let server = try startServer()
        let client = DebugClient(server)
        startThread { while !isDone.load(ordering: .relaxed) {} }

        let right = try ["/debug/threads", "/debug/pprof/goroutine"].filter { try client.get($0).status == 200 }.count
        report("right_looks", right)
        report("action_after_looks", Profiling.Action.current == before)
        let profile = PendingAnswer(client, "/debug/pprof/profile?seconds=2&hz=1000&format=folded")
        report("begins", Profiling.begins())
        report("action_meanwhile", Profiling.Action.current == before)
        report("samples", samples(profile))
        report("action_afterwards", Profiling.Action.current == before)
        report("runs_for_samples", runs.load(ordering: .relaxed))

        // The host's own profiler, first while nobody looks.
        if CommandLine.arguments.dropFirst(3).first == "timer" {
            setTimer(microseconds: 5000)
            report("runs_alone", eventually(within: .seconds(30)) { runs.load(ordering: .relaxed) > 10 })
            let second = PendingAnswer(client, "/debug/pprof/profile?seconds=2&hz=100&format=folded")
            Profiling.begins()
            let first = runs.load(ordering: .relaxed)
            let hasOurHandler = Profiling.Action.current != before
            eventually(within: .seconds(30)) { second.hasEnded || runs.load(ordering: .relaxed) > first + 20 }
            report("runs_meanwhile", runs.load(ordering: .relaxed) - first)
            report("handler_is_ours", hasOurHandler)
            report("samples_beside_the_hosts", samples(second))
            let last = runs.load(ordering: .relaxed)
            report("runs_afterwards", eventually(within: .seconds(30)) { runs.load(ordering: .relaxed) > last + 10 })
            report("action_after_both", Profiling.Action.current == before)
            setTimer(microseconds: 0)
        }
        isDone.store(true, ordering: .relaxed)
        server.stop()
    }

    private static func samples(_ profile: PendingAnswer) -> Int {
        profile.wait()?.foldedStacks.map(\.count).reduce(0, +) ?? -1
    }

    private static func install(_ name: String) {
        var action = sigaction()
        sigemptyset(&action.sa_mask)
        sigaddset(&action.sa_mask, SIGUSR2)
        switch name {
        case "ignore": action.__sigaction_handler.sa_handler = SIG_IGN
        case "handler":
            action.__sigaction_handler.sa_handler = { _ in ProfilingSignal.runs.wrappingAdd(1, ordering: .relaxed) }
            action.sa_flags = SA_RESTART
        case "information":
            action.__sigaction_handler.sa_sigaction = { signal, information, context in
                // Like a handler that checks what it is given.
                guard signal == SIGPROF, information?.pointee.si_signo == SIGPROF, context != nil else { return }
                ProfilingSignal.runs.wrappingAdd(1, ordering: .relaxed)
            }
            action.sa_flags = SA_RESTART | SA_SIGINFO
        default:
            action.__sigaction_handler.sa_handler = SIG_DFL
            sigemptyset(&action.sa_mask)
        }
        sigaction(SIGPROF, &action, nil)
    }

    private static func setTimer(microseconds: Int) {
        let interval = timeval(tv_sec: 0, tv_usec: microseconds)
        var timer = itimerval(it_interval: interval, it_value: interval)
        setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &timer, nil)
    }
}

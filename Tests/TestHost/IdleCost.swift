// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc

/// What the endpoint does while nobody asks it: before the first question, and after the last.
enum IdleCost {
    @Sendable static func run() throws {
        let own = Set(Proc.names(in: "/proc/self/task"))
        let action = Profiling.Action.current
        let server = try startServer()
        let client = DebugClient(server)
        var added: [String] { Proc.names(in: "/proc/self/task").filter { !own.contains($0) } }
        Proc.symbolsAreRead()
        let atFirst = added
        report("threads", atFirst.count)
        look("before", atFirst, action)

        var right = 0
        for path in ["threads", "tasks", "pprof/goroutine", "vars"] {
            if try client.get("/debug/" + path).status == 200 { right += 1 }
        }
        let profile = PendingAnswer(client, "/debug/pprof/profile?seconds=6")
        Profiling.begins()
        look("meanwhile", added, action)
        if profile.wait()?.status == 200 { right += 1 }
        report("right_answers", right)

        // The connections' threads end by themselves.
        eventually(within: .seconds(30)) { added.count == atFirst.count }
        report("threads_afterwards", added.count)
        look("afterwards", added, action)
        server.stop()
    }

    /// Reports what is to be seen for a second: timers, whether SIGPROF has the action it had, and how often threads left
    /// the processor, which who sleeps does not.
    private static func look(_ name: String, _ threads: [String], _ action: Profiling.Action) {
        var last = (at: ContinuousClock.now, switches: switches(threads))
        // Who has just been asked goes to sleep first: nobody moves for 200 ms.
        eventually(within: .seconds(2)) {
            let now = switches(threads)
            if now != last.switches { last = (.now, now) }
            return ContinuousClock.now - last.at > .milliseconds(200)
        }
        let before = switches(threads)
        let start = ContinuousClock.now
        var mostTimers = 0
        var hasOtherAction = false
        eventually {
            mostTimers = max(mostTimers, Profiling.timerCount)
            if Profiling.Action.current != action { hasOtherAction = true }
            return ContinuousClock.now - start >= .seconds(1)
        }
        report("timers_\(name)", mostTimers)
        report("handler_changed_\(name)", hasOtherAction)
        report("switches_\(name)", switches(threads) - before)
    }

    private static func switches(_ threads: [String]) -> Int {
        threads.reduce(0) { sum, thread in
            let folder = "/proc/self/task/" + thread
            let switches =
                Proc.status("voluntary_ctxt_switches", of: folder)
                + Proc.status("nonvoluntary_ctxt_switches", of: folder)
            return sum + Int(switches)
        }
    }
}

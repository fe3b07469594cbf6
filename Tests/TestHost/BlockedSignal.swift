// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc
import Synchronization

/// A thread blocks SIGPROF, whose default action ends the process, all through a profile, and lets it through afterwards.
enum BlockedSignal {
    private static let phase = Atomic(0)  // 0 blocks, 1 lets through, 2 is to end

    @Sendable static func run() throws {
        report("signal_of_a_careless_child", Profiling.signalOfAChild())
        let before = Profiling.Action.current
        let server = try startServer()
        let client = DebugClient(server)
        let id = Atomic(0)
        let letsThrough = Atomic(false)
        startThread {
            nameThread("blocks-sigprof")
            Profiling.setBlocked(true)
            id.store(threadID(), ordering: .relaxed)
            burnBlocked(until: 1)
            Profiling.setBlocked(false)
            letsThrough.store(true, ordering: .relaxed)
            burnBlocked(until: 2)
        }
        eventually(within: .seconds(30)) { id.load(ordering: .relaxed) != 0 }
        let folder = "/proc/self/task/\(id.load(ordering: .relaxed))"
        let path = "/debug/pprof/profile?seconds=4&hz=1000&format=folded"
        _ = try client.get("/debug/threads")  // learns the symbols, which takes its time once
        let first = PendingAnswer(client, path)
        Profiling.begins()
        let waits = eventually(within: .seconds(30)) {
            Proc.status("SigPnd", of: folder, radix: 16) >> UInt64(SIGPROF - 1) & 1 == 1
        }
        report("a_signal_waits", waits)
        report("samples_while_it_blocks", first.wait().map(samples) ?? -1)
        report("answer_after_the_profile", try client.get("/debug/threads").status)
        phase.store(1, ordering: .relaxed)
        report("lets_it_through", eventually(within: .seconds(30)) { letsThrough.load(ordering: .relaxed) })
        report("samples_once_it_does", samples(of: try client.get(path)))
        report("action_afterwards", Profiling.Action.current == before)
        report("signal_of_a_child_afterwards", Profiling.signalOfAChild())
        phase.store(2, ordering: .relaxed)
        server.stop()
        report("survived", true)
    }

    @inline(never) private static func burnBlocked(until end: Int) {
        while phase.load(ordering: .relaxed) < end {}
    }

    private static func samples(of answer: DebugClient.Answer) -> Int {
        answer.foldedStacks.filter { $0.stack.contains("burnBlocked") }.map(\.count).reduce(0, +)
    }
}

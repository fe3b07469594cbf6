// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc
import Synchronization

/// Threads that block every signal: one runs, one waits.
enum DeafThreads {
    private static let state = Atomic(0)  // 0 deaf, 1 hears, 2 is to end

    @Sendable static func run() throws {
        let server = try startServer()
        let client = DebugClient(server)
        let door = Door()
        startThread {
            nameThread("deaf-and-waits")
            setAllBlocked(true)
            waitAtDoor(door)
        }
        let isRunning = Atomic(false)
        startThread {
            nameThread("deaf-and-runs")
            setAllBlocked(true)
            isRunning.store(true, ordering: .relaxed)
            runDeaf(until: 1)
            setAllBlocked(false)
            runDeaf(until: 2)
        }
        eventually(within: .seconds(30)) { door.arrived == 1 && isRunning.load(ordering: .relaxed) }

        var answer = try ThreadsAnswer(client)
        eventually(within: .seconds(30)) {
            answer = (try? ThreadsAnswer(client)) ?? answer
            return answer.reason("deaf-and-runs") != nil
        }
        report("status", answer.status)
        report("reason", answer.reason("deaf-and-runs").map(String.init) ?? "none")
        report("state_of_the_runner", answer.thread("deaf-and-runs")?.contains("\"state\": \"running\"") == true)
        report("stack_of_the_waiter", answer.thread("deaf-and-waits")?.contains("waitAtDoor") == true)
        report("unknown", answer.unknown.count)
        report("threads", Proc.threadCount)
        report("listed", answer.threads.count)
        report("with_a_stack", answer.threads.filter(ThreadsAnswer.hasStack).count)

        state.store(1, ordering: .relaxed)
        eventually(within: .seconds(30)) {
            answer = (try? ThreadsAnswer(client)) ?? answer
            return answer.thread("deaf-and-runs")?.contains("runDeaf") == true
        }
        report("stack_once_it_hears", answer.thread("deaf-and-runs")?.contains("runDeaf") == true)
        report("unknown_once_it_hears", answer.unknown.count)
        state.store(2, ordering: .relaxed)
        door.open()
        server.stop()
    }

    @inline(never) private static func waitAtDoor(_ door: Door) {
        door.wait()
    }

    @inline(never) private static func runDeaf(until end: Int) {
        while state.load(ordering: .relaxed) < end {}
    }

    private static func setAllBlocked(_ isBlocked: Bool) {
        var set = sigset_t()
        sigfillset(&set)
        pthread_sigmask(isBlocked ? SIG_BLOCK : SIG_UNBLOCK, &set, nil)
    }
}

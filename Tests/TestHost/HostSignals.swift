// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc
import Synchronization

/// The host handles SIGUSR1 and SIGTERM while two requests run. The kernel may give a process's signal to any thread that
/// does not block it, so once the host's own threads block them, only the server's could take them.
enum HostSignals {
    /// How often a handler ran. Made before the handlers are installed, so that they only add.
    private static let runs = Atomic(0)
    private static let signals = [SIGUSR1, SIGTERM]

    @Sendable static func run() throws {
        _ = runs.load(ordering: .relaxed)
        let door = Door()
        let registry = VariableRegistry()
        registry.computed("stuck") {
            door.wait()
            return .int(1)
        }
        let own = Set(Proc.names(in: "/proc/self/task"))
        let server = try startServer(registry)
        let client = DebugClient(server)
        let answers = Atomic(0)
        setBlocked(true)  // what the clients' threads inherit
        for _ in 0..<2 {
            startThread {
                // The clients are the host's threads, and block the signals themselves.
                if (try? client.get("/debug/vars?match=stuck").status) == 200 {
                    answers.wrappingAdd(1, ordering: .relaxed)
                }
            }
        }
        eventually { door.arrived == 2 }
        for signal in signals {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { _ in HostSignals.runs.wrappingAdd(1, ordering: .relaxed) }
            sigaction(signal, &action, nil)
        }

        let added = Proc.names(in: "/proc/self/task").filter { !own.contains($0) }
        report("threads_added", added.count)
        report("threads_that_take_the_signals", added.filter(takesSignals).count)
        report("threads_that_can_be_profiled", added.filter { !blocks(SIGPROF, $0) }.count)

        for _ in 0..<100 { for signal in signals { kill(getpid(), signal) } }
        // Each request to the server would be an occasion to run a handler.
        for _ in 0..<20 { _ = try client.get("/debug/vars?match=none") }
        report("runs_while_the_host_blocks", runs.load(ordering: .relaxed))
        var pending = sigset_t()
        sigpending(&pending)
        report("pending_signals", signals.filter { sigismember(&pending, $0) == 1 }.count)
        setBlocked(false)
        report("runs_once_the_host_takes_them", eventually { runs.load(ordering: .relaxed) == 2 } ? 2 : -1)

        door.open()
        eventually { answers.load(ordering: .relaxed) == 2 }
        report("right_answers", answers.load(ordering: .relaxed))
        server.stop()
    }

    private static func setBlocked(_ isBlocked: Bool) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        pthread_sigmask(isBlocked ? SIG_BLOCK : SIG_UNBLOCK, &set, nil)
    }

    private static func blocks(_ signal: Int32, _ thread: String) -> Bool {
        let mask = Proc.status("SigBlk", of: "/proc/self/task/\(thread)", radix: 16)
        return mask & (1 << UInt64(signal - 1)) != 0
    }

    private static func takesSignals(_ thread: String) -> Bool {
        signals.contains { !blocks($0, thread) }
    }
}

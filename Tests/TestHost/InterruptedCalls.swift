// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc
import Synchronization

/// Threads wait in every system call that a signal breaks, while the endpoint looks at them and profiles them.
enum InterruptedCalls {
    private static let looks = 200
    private static let longest = 600_000  // ms; nothing here takes as long

    @Sendable static func run() throws {
        let server = try startServer()
        let client = DebugClient(server)
        let callers = BlockingCall.all.flatMap { call in
            // Those of a few milliseconds run in between, so that they are sampled just before they wait.
            [(3, 200), (5, 100), (100, 1000), (longest, 0)].map { Caller(call, milliseconds: $0, work: $1) }
        }
        for caller in callers { caller.start() }
        let sleepers = callers.filter { $0.milliseconds == longest }
        eventually(within: .seconds(30)) { callers.allSatisfy { $0.calls > 0 } && sleepers.allSatisfy(\.isAsleep) }
        report("callers", callers.filter { $0.calls > 0 }.count)
        report("sleepers", sleepers.filter(\.isAsleep).count)

        let switches = sleepers.map(\.switches)
        let calls = callers.map(\.calls).reduce(0, +)
        let profile = PendingAnswer(client, "/debug/pprof/profile?seconds=5&hz=1000&format=folded")
        Profiling.begins()
        var right = 0
        var count = 0
        while count < looks || !profile.hasEnded {
            count += 1
            if try client.get("/debug/threads").status == 200 { right += 1 }
        }
        report("looks", count)
        report("right_answers", right)
        report("samples", profile.wait()?.foldedStacks.map(\.count).reduce(0, +) ?? 0)
        report("calls_meanwhile", callers.map(\.calls).reduce(0, +) - calls)
        report("interruptions", callers.map(\.interruptions).reduce(0, +))
        report("calls_interrupted", names(callers.filter { $0.interruptions > 0 }))
        report("wakes_of_sleepers", sleepers.map(\.switches).reduce(0, +) - switches.reduce(0, +))

        // What a profiler does that sends its signal whatever a thread does.
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        action.sa_flags = SA_RESTART
        sigaction(SIGPROF, &action, nil)
        eventually(within: .seconds(30)) {
            let untouched = callers.filter { $0.interruptions == 0 }
            for caller in untouched { caller.interrupt() }
            return untouched.isEmpty
        }
        report("callers_interrupted_by_a_signal", callers.filter { $0.interruptions > 0 }.count)
        report("sleepers_woken_by_a_signal", zip(sleepers, switches).filter { $0.switches > $1 }.count)
        server.stop()
    }

    private static func names(_ callers: [Caller]) -> String {
        callers.isEmpty ? "none" : Set(callers.map(\.call.name)).sorted().joined(separator: ",")
    }

    /// A thread that makes the same call again and again, and counts how often a signal broke it.
    private final class Caller: Sendable {
        let call: BlockingCall
        let milliseconds: Int
        private let work: Int
        private let callCount = Atomic(0)
        private let interruptionCount = Atomic(0)
        private let id = Atomic(0)
        private let handle = Atomic<UInt>(0)

        /// `work` is how many microseconds it runs between two calls.
        init(_ call: BlockingCall, milliseconds: Int, work: Int) {
            self.call = call
            self.milliseconds = milliseconds
            self.work = work
        }

        var calls: Int { callCount.load(ordering: .relaxed) }
        var interruptions: Int { interruptionCount.load(ordering: .relaxed) }
        private var folder: String { "/proc/self/task/\(id.load(ordering: .relaxed))" }

        /// How often it has left the processor.
        var switches: Int {
            Int(
                Proc.status("voluntary_ctxt_switches", of: folder)
                    + Proc.status("nonvoluntary_ctxt_switches", of: folder))
        }

        /// Whether it is in a system call.
        var isAsleep: Bool {
            Proc.read(folder + "/syscall").first?.isNumber == true
        }

        func interrupt() {
            pthread_kill(handle.load(ordering: .relaxed), SIGPROF)
        }

        func start() {
            startThread { [self] in
                let make = call.make(milliseconds)
                id.store(threadID(), ordering: .relaxed)
                handle.store(pthread_self(), ordering: .relaxed)
                while true {
                    let start = ContinuousClock.now
                    while ContinuousClock.now - start < .microseconds(work) {}
                    callCount.wrappingAdd(1, ordering: .relaxed)
                    errno = 0
                    if make() < 0, errno == EINTR { interruptionCount.wrappingAdd(1, ordering: .relaxed) }
                }
            }
        }
    }
}

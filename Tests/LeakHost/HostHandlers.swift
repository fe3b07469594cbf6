// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Handlers of the host's own, and signals that come all the time.
enum HostHandlers {
    private static let profiling = Atomic(0)
    private static let ofChildren = Atomic(0)
    private static let profilingTimer: Int32 = 2  // ITIMER_PROF

    static func install() -> Int32 {
        set(SIGPROF) { _, _, _ in HostHandlers.profiling.add(1, ordering: .relaxed) }
        set(SIGCHLD) { _, _, _ in HostHandlers.ofChildren.add(1, ordering: .relaxed) }
        // A SIGPROF for each 10 ms of processor time.
        var interval = itimerval(
            it_interval: timeval(tv_sec: 0, tv_usec: 10_000), it_value: timeval(tv_sec: 0, tv_usec: 10_000))
        return setitimer(profilingTimer, &interval, nil) == 0 ? 0 : -errno
    }

    static func report() {
        print("profiling_signals_meanwhile", profiling.load(ordering: .relaxed))
        print("child_signals_meanwhile", ofChildren.load(ordering: .relaxed))
        var none = itimerval()
        setitimer(profilingTimer, &none, nil)
        print("is_as_installed", isInstalled(SIGPROF) && isInstalled(SIGCHLD))
        let before = (profiling.load(ordering: .relaxed), ofChildren.load(ordering: .relaxed))
        raise(SIGPROF)
        raise(SIGCHLD)
        print("profiling_signals_of_one", profiling.load(ordering: .relaxed) - before.0)
        print("child_signals_of_one", ofChildren.load(ordering: .relaxed) - before.1)
    }

    private typealias Handler =
        @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void

    private static func set(_ signal: Int32, _ handler: @escaping Handler) {
        var action = sigaction()
        action.__sigaction_handler.sa_sigaction = handler
        action.sa_flags = SA_SIGINFO | SA_RESTART | SA_NODEFER
        sigemptyset(&action.sa_mask)
        sigaddset(&action.sa_mask, SIGUSR1)
        sigaction(signal, &action, nil)
        remembered.append((signal, unsafeBitCast(handler, to: Int.self)))
    }

    nonisolated(unsafe) private static var remembered: [(signal: Int32, handler: Int)] = []  // Safe: the main thread's.

    private static func isInstalled(_ signal: Int32) -> Bool {
        var action = sigaction()
        sigaction(signal, nil, &action)
        let handler = unsafeBitCast(action.__sigaction_handler.sa_sigaction, to: Int.self)
        let flags = action.sa_flags & (SA_SIGINFO | SA_RESTART | SA_NODEFER | SA_ONSTACK)
        return remembered.contains { $0 == (signal, handler) } && flags == SA_SIGINFO | SA_RESTART | SA_NODEFER
            && sigismember(&action.sa_mask, SIGUSR1) == 1 && sigismember(&action.sa_mask, SIGUSR2) == 0
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// SIGTERM and SIGINT, waited for rather than handled, so that no code runs inside a signal handler.
struct StopSignal {
    /// Blocks the signals in this thread and in those it starts, so make it before anything else starts a thread.
    init() {
        var signals = Self.signals
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Returns when one of the signals has arrived, at once if it came before the call.
    func wait() {
        var signals = Self.signals
        var received: Int32 = 0
        sigwait(&signals, &received)
    }

    /// Ends the wait from another thread.
    func send() {
        kill(getpid(), SIGTERM)
    }

    private static var signals: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        return signals
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CMicroHTTPD
import Glibc

/// Threads of our own, on which no signal handler of the host runs.
///
/// libmicrohttpd's threads inherit the mask of the thread that starts them, so the daemon is started under the same mask.
/// Left deliverable are the signals a thread raises by its own fault, and SIGPROF, which profilers send.
package enum ServiceThread {
    /// Runs `body` on a new detached thread. Returns false when the system has no thread to give.
    @discardableResult
    package static func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        final class Work {
            let name: String
            let body: @Sendable () -> Void
            init(_ name: String, _ body: @escaping @Sendable () -> Void) {
                self.name = name
                self.body = body
            }
        }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let work = Unmanaged.passRetained(Work(name, body))
        var thread = pthread_t()
        let failure = withSignalsBlocked {
            pthread_create(
                &thread, &attributes,
                { argument in
                    // Balances passRetained; the pointer comes from there.
                    let work = Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue()
                    microhttpd_name_thread(work.name)
                    work.body()
                    return nil
                }, work.toOpaque())
        }
        if failure != 0 { work.release() }
        return failure == 0
    }

    static func withSignalsBlocked<Result>(_ body: () -> Result) -> Result {
        var blocked = sigset_t()
        var before = sigset_t()
        sigfillset(&blocked)
        for signal in [SIGPROF, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS] {
            sigdelset(&blocked, signal)
        }
        pthread_sigmask(SIG_BLOCK, &blocked, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        return body()
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Waiting for a state with a deadline, and threads that can be joined.
import Glibc

/// Looks every few milliseconds until the condition holds; false when the deadline came first.
@discardableResult
func eventually(within limit: Duration = .seconds(10), _ condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + limit
    while !condition() {
        if ContinuousClock.now >= deadline { return false }
        usleep(2000)
    }
    return true
}

/// A thread of the test's own, so that a blocked client takes none of the pool's.
struct TestThread {
    private let handle: pthread_t

    init(_ body: @escaping @Sendable () -> Void) {
        final class Work {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var handle = pthread_t()
        let failure = pthread_create(
            &handle, nil,
            { argument in
                // Balances passRetained below; the pointer comes from there.
                Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, Unmanaged.passRetained(Work(body)).toOpaque())
        precondition(failure == 0, "the system has no thread for the test")
        self.handle = handle
    }

    func join() {
        pthread_join(handle, nil)
    }
}

/// Runs `body` on `count` threads at once and returns when all have ended.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let threads = (0..<count).map { index in TestThread { body(index) } }
    for thread in threads { thread.join() }
}

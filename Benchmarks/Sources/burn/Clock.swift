// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Seconds of a clock of the kernel.
func seconds(of clock: clockid_t) -> Double {
    var time = timespec()
    guard clock_gettime(clock, &time) == 0 else { fatalError("clock \(clock) cannot be read") }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Starts a detached thread; it never ends.
func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let failure = pthread_create(
        &thread, nil,
        { argument in
            // Balances passRetained below.
            Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
            return nil
        }, Unmanaged.passRetained(Box(body)).toOpaque())
    guard failure == 0 else { fatalError("no thread: \(failure)") }
    pthread_detach(thread)
}

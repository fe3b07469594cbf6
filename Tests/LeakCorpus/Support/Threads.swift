// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// What a thread is called that has no name of its own: it ends before the scenario stands.
let helperName = "helper"

/// A detached thread of the scenario's own. Nobody but it refers to `body`.
@inline(never)
func startThread(_ body: @escaping @Sendable () -> Void) {
    pthread_detach(startJoinableThread(body))
}

@inline(never)
func startJoinableThread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
    final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var handle = pthread_t()
    let result = pthread_create(
        &handle, nil,
        { argument in
            nameThread(helperName)
            // Balances passRetained below; the pointer comes from there.
            Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
            return nil
        }, Unmanaged.passRetained(Work(body)).toOpaque())
    precondition(result == 0, "no thread: error \(result)")
    return handle
}

/// At most 15 bytes, as the kernel has it.
func nameThread(_ name: String) {
    precondition(name.utf8.count <= 15, "\(name) is too long for a thread's name")
    let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = write(descriptor, name, name.utf8.count)
    close(descriptor)
}

/// Runs `body` on a thread that has ended when this returns, and whose stack no longer holds what its frames held.
@inline(never)
func onThreadOfItsOwn(_ body: @escaping @Sendable () -> Void) {
    let handle = startJoinableThread {
        body()
        overwriteStack()
    }
    pthread_join(handle, nil)
}

/// Overwrites some 256 KiB below the caller's frame, where the frames of functions that have returned lie.
@inline(never)
func overwriteStack(_ depth: Int = 64) {
    var block = InlineArray<512, UInt>(repeating: 0)
    touch(&block)
    if depth > 0 { overwriteStack(depth - 1) }
    touch(&block)
}

/// Keeps the optimizer from leaving out what nobody reads.
@inline(never) @_optimize(none)
func touch<T: ~Copyable>(_ value: inout T) {}

/// Reads a value without that the optimizer can know it.
@inline(never) @_optimize(none)
func opaque(_ value: UInt) -> UInt { value }

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CSurroundings
import Glibc
import Synchronization

final class ThreadBody {
    let name: String
    let body: @Sendable () -> Void
    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

/// Starts a thread with a name of at most 15 bytes.
@inline(never) @discardableResult
func startThread(_ name: String, joinable: Bool = false, _ body: @escaping @Sendable () -> Void) -> pthread_t {
    var handle = pthread_t()
    pthread_create(
        &handle, nil,
        { argument in
            guard let argument else { return nil }
            let work = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
            nameOwnThread(work.name)
            work.body()
            return nil
        }, Unmanaged.passRetained(ThreadBody(name, body)).toOpaque())
    if !joinable { pthread_detach(handle) }
    return handle
}

/// Never set; the compiler must not know, or it leaves out what comes after a sleep.
let isOver = Atomic(false)

func sleepForAnHour() {
    while !isOver.load(ordering: .relaxed) { sleep(3600) }
}

/// Overwrites what calls have left below this frame.
@inline(never)
func clearStack() {
    _ = withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { bytes in
        memset(bytes.baseAddress!, 0, bytes.count)
    }
}

private func nameOwnThread(_ name: String) {
    // Not by /proc: it may be read-only.
    _ = surroundings_name_thread(name)
}

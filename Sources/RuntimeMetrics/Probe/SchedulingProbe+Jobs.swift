// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Dispatch is asked for by name: the core does not import it, and a program without it has no such queue.
import Glibc

extension SchedulingProbe {
    /// False when there is no such queue.
    func send(to queue: Queue) -> Bool {
        switch queue {
        case .pool:
            Task.detached(priority: .medium) { self.noteJob(in: .pool) }
            return true
        case .mainQueue:
            Task.detached(priority: .medium) { @MainActor in self.noteJob(in: .mainQueue) }
            return true
        case .globalQueue:
            guard let dispatch = Dispatch.found else { return false }
            dispatch.send(
                dispatch.globalQueue(0, 0), Unmanaged.passRetained(self).toOpaque(),
                { probe in
                    // Balances passRetained; the pointer comes from there.
                    guard let probe else { return }
                    Unmanaged<SchedulingProbe>.fromOpaque(probe).takeRetainedValue().noteJob(in: .globalQueue)
                })
            return true
        }
    }

    /// Two functions of libdispatch, where it is loaded. Source: dispatch/queue.h.
    private struct Dispatch: Sendable {
        typealias Work = @convention(c) (UnsafeMutableRawPointer?) -> Void
        let globalQueue: @convention(c) (Int, UInt) -> OpaquePointer?
        let send: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, Work) -> Void

        static let found: Dispatch? = {
            let everywhere = UnsafeMutableRawPointer(bitPattern: 0)  // RTLD_DEFAULT
            guard let queue = dlsym(everywhere, "dispatch_get_global_queue"),
                let send = dlsym(everywhere, "dispatch_async_f")
            else { return nil }
            return Dispatch(
                globalQueue: unsafeBitCast(queue, to: (@convention(c) (Int, UInt) -> OpaquePointer?).self),
                send: unsafeBitCast(
                    send, to: (@convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, Work) -> Void).self))
        }()
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CStackCapture
import Glibc
import Synchronization

/// Stacks of threads that run, taken by the threads themselves in a signal handler. The one user of CStackCapture's handler.
///
/// The handler is there only while somebody looks; then the one before is put back. Safe from any thread.
package final class StackCapture: Sendable {
    package static let shared = StackCapture()

    /// What the handler needs to follow async callers and to tell tasks.
    package struct Configuration: Sendable {
        /// Sorted, without overlaps.
        package var asyncCode: [Range<UInt>]
        package var taskSlot: (module: UInt, offset: UInt)?

        package init(asyncCode: [Range<UInt>], taskSlot: (module: UInt, offset: UInt)?) {
            self.asyncCode = asyncCode
            self.taskSlot = taskSlot
        }
    }

    private struct State {
        var users = 0
        var isInstalled = false
        /// Threads that may have a signal of ours waiting.
        var armed: Set<Int32> = []
        var configured: (asyncCode: [Range<UInt>], module: UInt, offset: UInt)?
    }

    /// Held for every call into CStackCapture, and never while a thread is waited for.
    private let state = Mutex(State())

    /// Has the handler installed until as many calls of ``end()``. The configuration is that of the first user.
    func begin(_ configuration: Configuration) throws(SnapshotRefusal) {
        let failure = state.withLock { state -> Int32 in
            if state.users == 0, !state.isInstalled { Self.configure(configuration, &state.configured) }
            let failure = stackcap_install()
            if failure == 0 {
                state.users += 1
                state.isInstalled = true
            }
            return failure
        }
        if failure != 0 {
            throw SnapshotRefusal(
                "stacks of running threads need a handler for SIGPROF, which cannot be installed: \(String(cString: strerror(-failure)))"
            )
        }
    }

    /// Puts the handler before back when nobody else uses ours and no signal of ours is on its way: a thread that blocks
    /// SIGPROF may keep one, and its default action would end the process. Then the handler stays until the next look.
    func end() {
        state.withLock { state in
            state.users -= 1
            guard state.users == 0 else { return }
            state.armed = state.armed.filter { ThreadRecord($0)?.isPending(SIGPROF) == true }
            if state.armed.isEmpty {
                stackcap_restore()
                state.isInstalled = false
            }
        }
    }

    /// Runs `body` with the lock that CStackCapture's functions need, noting that thread `id` may get a signal.
    func arm<Result>(_ id: Int32, _ body: () -> Result) -> Result {
        state.withLock {
            $0.armed.insert(id)
            return body()
        }
    }

    func locked<Result>(_ body: () -> Result) -> Result {
        state.withLock { _ in body() }
    }

    /// The calling thread's own stack.
    static func ownStack() -> CapturedStack {
        let buffer = UnsafeMutablePointer<stackcap_stack>.allocate(capacity: 1)
        defer { buffer.deallocate() }
        stackcap_own_stack(buffer)
        return CapturedStack(buffer.pointee)
    }

    /// The stacks of those of `ids` that run within `patience`; each takes its own as soon as it is on a processor. Why, of
    /// those that could not be asked.
    func stacks(of ids: [Int32], within patience: Duration, _ configuration: Configuration) throws(SnapshotRefusal)
        -> (stacks: [Int32: CapturedStack], refusals: [Int32: String])
    {
        try begin(configuration)
        defer { end() }
        var stacks: [Int32: CapturedStack] = [:]
        var refusals: [Int32: String] = [:]
        var waiting = ids[...]
        var slots: [(slot: Int32, id: Int32)] = []
        defer { for (slot, _) in slots { locked { stackcap_release(slot) } } }
        let deadline = ContinuousClock.now + patience
        let buffer = UnsafeMutablePointer<stackcap_stack>.allocate(capacity: 1)
        defer { buffer.deallocate() }
        while true {
            while let id = waiting.first {
                let slot = arm(id) { stackcap_request(id) }
                if slot == -EBUSY { break }
                waiting.removeFirst()
                if slot >= 0 {
                    slots.append((slot, id))
                } else if slot != -ESRCH {
                    refusals[id] = "it runs, and \(Self.whyNoTimer(-slot))"
                }
            }
            slots.removeAll { slot, id in
                guard locked({ stackcap_poll(slot, buffer) }) == 1 else { return false }
                stacks[id] = CapturedStack(buffer.pointee)
                locked { stackcap_release(slot) }
                return true
            }
            if slots.isEmpty && waiting.isEmpty || ContinuousClock.now >= deadline { return (stacks, refusals) }
            usleep(500)
        }
    }

    /// What the system meant by refusing a timer.
    static func whyNoTimer(_ error: Int32) -> String {
        error == EAGAIN
            ? "the system gives no more timers: raise the limit of pending signals (ulimit -i)"
            : "the system gives no timer over its processor time: \(String(cString: strerror(error)))"
    }

    /// Keeps the ranges for ever where they differ from before: a handler that comes late may still read the old ones.
    private static func configure(
        _ configuration: Configuration, _ configured: inout (asyncCode: [Range<UInt>], module: UInt, offset: UInt)?
    ) {
        let slot = configuration.taskSlot ?? (0, 0)
        if let configured, configured.asyncCode == configuration.asyncCode, configured.module == slot.module,
            configured.offset == slot.offset
        {
            return
        }
        let ranges = UnsafeMutableBufferPointer<stackcap_range>.allocate(capacity: configuration.asyncCode.count)
        for (index, range) in configuration.asyncCode.enumerated() {
            ranges.initializeElement(
                at: index, to: stackcap_range(start: UInt64(range.lowerBound), end: UInt64(range.upperBound)))
        }
        stackcap_configure(
            ranges.baseAddress, ranges.count, UInt64(slot.module),
            UInt64(bitPattern: Int64(Int(bitPattern: slot.offset))))
        configured = (configuration.asyncCode, slot.module, slot.offset)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A reading that costs something or may have to wait for the service, shared by all who ask.
///
/// One thread at a time reads anew; the others get what was read last, so that only one of them waits when the reading does.
package final class CostlyReading<Value: Sendable>: Sendable {
    private let kept: Mutex<Kept<Value>>
    private let last = Mutex<Value?>(nil)
    private let read: @Sendable () -> Value

    /// - Parameter factor: for how many times its cost a reading is kept.
    package init(
        factor: Int = 100, least: Duration = .milliseconds(50), _ read: @escaping @Sendable () -> Value
    ) {
        kept = Mutex(Kept(factor: factor, least: least))
        self.read = read
    }

    package var current: Value {
        if let new = kept.withLockIfAvailable({ $0.current(read) }) { return note(new) }
        if let old = last.withLock({ $0 }) { return old }
        return note(kept.withLock { $0.current(read) })
    }

    private func note(_ value: Value) -> Value {
        last.withLock { $0 = value }
        return value
    }
}

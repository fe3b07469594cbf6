// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

/// An object that has one continuation at most.
final class ContinuationBox: Sendable {
    private let continuation = Mutex<UnsafeContinuation<Void, Never>?>(nil)
    func keep(_ continuation: UnsafeContinuation<Void, Never>) { self.continuation.withLock { $0 = continuation } }
    func take() -> UnsafeContinuation<Void, Never>? { continuation.withLock { $0.take() } }
    func resume() { take()?.resume() }
}

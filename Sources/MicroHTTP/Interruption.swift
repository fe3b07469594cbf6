// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Why a handler that takes long may as well end.
package enum Interruption: Sendable, Equatable {
    /// The connection is broken or closed: nobody will read the answer.
    case clientGone
    /// `stop()` was called: what is answered within half a second still reaches the client.
    case serverStopping
}

extension Request {
    /// What has happened since the handler began; nil while the client waits and the server goes on.
    ///
    /// Costs a system call. For the handler's thread, while it runs; a request that came from no server has nil for ever.
    package var interruption: Interruption? {
        watch?.interruption(within: .zero)
    }

    /// Sleeps for the duration, or until something happens that makes it pointless to go on: then returns what.
    package func wait(for duration: Duration) -> Interruption? {
        (watch ?? .ofNobody).interruption(within: duration)
    }
}

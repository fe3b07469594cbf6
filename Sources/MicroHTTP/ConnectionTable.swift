// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Which connections are open and what each is doing, so that a full server can take back the places of those that are
// only waiting. libmicrohttpd stops accepting at its limit and new clients wait in the kernel's queue; without this,
// 64 clients that send a byte now and then would keep everybody else out for ever.
import CMicroHTTPD
import Glibc
import Synchronization

final class ConnectionTable: Sendable {
    enum Phase: Sendable, Equatable {
        /// Nothing, or an incomplete request, has come since then.
        case receiving(since: ContinuousClock.Instant)
        /// A handler runs: never disturbed.
        case handling
        /// The answer is on its way since then.
        case sending(since: ContinuousClock.Instant)
    }

    private struct State: @unchecked Sendable {  // Safe: only reached under the mutex; the keys are never dereferenced.
        var open: [OpaquePointer: (socket: Int32, phase: Phase)] = [:]
        var isGuarded = false
    }
    private let state = Mutex(State())
    private let limit: Int

    /// What a waiting client is allowed while the server is full.
    private static let patienceReceiving: Duration = .seconds(1)
    private static let patienceSending: Duration = .seconds(10)

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether no place is left: answers then close their connections, so that those who wait get a turn.
    var isFull: Bool { state.withLock { $0.open.count >= limit } }

    /// Called on the listening thread.
    func opened(_ connection: OpaquePointer) {
        let socket = microhttpd_socket(connection)
        nonisolated(unsafe) let key = connection  // Safe: a key, compared and never dereferenced.
        let needsGuard = state.withLock { state in
            state.open[key] = (socket, .receiving(since: .now))
            guard state.open.count >= limit, !state.isGuarded else { return false }
            state.isGuarded = true
            return true
        }
        if needsGuard, !ServiceThread.start("debug-http-full", { self.guardWhileFull() }) {
            state.withLock { $0.isGuarded = false }
        }
    }

    /// Called on the listening thread, before libmicrohttpd closes the socket: after it, the number may be somebody else's.
    func closed(_ connection: OpaquePointer) {
        nonisolated(unsafe) let key = connection  // Safe: a key, compared and never dereferenced.
        state.withLock { _ = $0.open.removeValue(forKey: key) }
    }

    func set(_ phase: Phase, for connection: OpaquePointer) {
        nonisolated(unsafe) let key = connection  // Safe: a key, compared and never dereferenced.
        state.withLock { $0.open[key]?.phase = phase }
    }

    /// Looks four times a second, for as long as the server is full; no thread is there otherwise.
    private func guardWhileFull() {
        var isFull = true
        while isFull {
            poll(nil, 0, 250)
            let now = ContinuousClock.now
            isFull = state.withLock { state in
                for (socket, phase) in state.open.values where Self.isOverdue(phase, now) {
                    // Under the lock, so the number still is this connection's. Its thread wakes and ends it.
                    shutdown(socket, Int32(SHUT_RDWR))
                }
                state.isGuarded = state.open.count >= limit
                return state.isGuarded
            }
        }
    }

    private static func isOverdue(_ phase: Phase, _ now: ContinuousClock.Instant) -> Bool {
        switch phase {
        case .receiving(let since): now - since > patienceReceiving
        case .handling: false
        case .sending(let since): now - since > patienceSending
        }
    }
}

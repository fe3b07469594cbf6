// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Which connections are open, so that a full server accepts no more and takes back the places of those that only wait.
///
/// Without the latter, 64 clients that send a byte now and then would keep everybody else out for ever.
final class ConnectionTable: Sendable {
    private let open = Mutex<[ObjectIdentifier: Connection]>([:])
    /// Sockets that were accepted and not closed yet, those included that libmicrohttpd has not looked at.
    private let taken = Atomic(0)
    private let limit: Int
    /// Raised when a place becomes free.
    private let freed: Event

    /// What a waiting client is allowed while the server is full.
    private static let patienceReceiving: Duration = .seconds(1)
    private static let patienceSending: Duration = .seconds(10)

    init(limit: Int, freed: Event) {
        self.limit = limit
        self.freed = freed
    }

    /// Whether no place is left: answers then close their connections, so that those who wait get a turn.
    var isFull: Bool { taken.load(ordering: .relaxed) >= limit }

    func takePlace() {
        taken.wrappingAdd(1, ordering: .relaxed)
    }

    func givePlaceBack() {
        let before = taken.wrappingSubtract(1, ordering: .relaxed).oldValue
        if before >= limit { freed.raise() }
    }

    /// Called on libmicrohttpd's main thread.
    func opened(_ connection: Connection) {
        open.withLock { $0[ObjectIdentifier(connection)] = connection }
    }

    /// Called on libmicrohttpd's main thread, before it closes the socket: after it, the number may be somebody else's.
    func closed(_ connection: Connection) {
        open.withLock { $0[ObjectIdentifier(connection)] = nil }
        givePlaceBack()
    }

    /// Ends connections that have been waiting too long for a full server. Their threads wake and close them.
    func endOverdue() {
        open.withLock { open in
            // Under the lock, so each socket still is its connection's.
            for connection in open.values where Self.isOverdue(connection) {
                shutdown(connection.socket, Int32(SHUT_RDWR))
            }
        }
    }

    /// Returns once no handler runs and no answer is on its way, or when the time is over. For a server that stops.
    func waitForAnswers(milliseconds: Int) {
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        while isAnswering, ContinuousClock.now < deadline { usleep(2000) }
    }

    private var isAnswering: Bool {
        open.withLock { open in open.values.contains { $0.phase.0 != .receiving } }
    }

    private static func isOverdue(_ connection: Connection) -> Bool {
        let (phase, duration) = connection.phase
        return switch phase {
        case .receiving: duration > patienceReceiving
        case .handling: false
        case .sending: duration > patienceSending
        }
    }
}

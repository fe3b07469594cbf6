// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Watches, for a handler that runs, its connection's socket and the server's wish to stop. Reads nothing from the socket, so
/// requests that the client has sent ahead stay where they are.
final class RequestWatch: Sendable {
    /// What it means that a client will send nothing more. It has closed the connection, or only its sending side and still
    /// wants the answer.
    enum EndOfSending {
        /// It is gone: TLS knows no such half-closed connection.
        case isTheEnd
        /// Nothing: the socket says more once the client is gone (a Unix socket), or it cannot be asked (HTTP/1.0).
        case saysNothing
        /// TCP shows no difference until the client is sent something: one that has closed answers with a reset. It is sent
        /// that once, so of a client that reads it and leaves later the server learns no more.
        case mustBeTried
    }

    /// Sees neither a client nor a server.
    static let ofNobody = RequestWatch(socket: -1, stopping: nil, .saysNothing)

    /// -1 when there is none, which poll() ignores, and once the handler has returned: the number may be somebody else's then.
    private let socket: Atomic<Int32>
    /// Raised when the server is to stop.
    private let stopping: Event?
    private let endOfSending: EndOfSending
    private let hasEndedSending = Atomic(false)

    // <bits/poll.h> shows POLLRDHUP to GNU sources only. The same on x86 and Arm.
    private static let peerEndedSending: Int16 = 0x2000
    private static let isBroken = Int16(POLLERR | POLLHUP | POLLNVAL)

    init(socket: Int32, stopping: Event?, _ endOfSending: EndOfSending) {
        self.socket = Atomic(socket)
        self.stopping = stopping
        self.endOfSending = endOfSending
    }

    /// The handler has returned.
    func end() {
        socket.store(-1, ordering: .relaxed)
    }

    /// Waits until there is an interruption, but no longer than the duration, a day at most.
    func interruption(within duration: Duration) -> Interruption? {
        let deadline = ContinuousClock.now + min(duration, .seconds(86_400))
        while true {
            let left = max(.zero, deadline - .now)
            let socket = socket.load(ordering: .relaxed)
            // The end of sending lasts, and would wake every later poll; breaks are reported unasked.
            let awaited = hasEndedSending.load(ordering: .relaxed) ? 0 : Self.peerEndedSending
            var watched = [
                pollfd(fd: stopping?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: socket, events: awaited, revents: 0),
            ]
            let ready = poll(&watched, 2, Int32((left / .milliseconds(1)).rounded(.up)))
            if ready > 0 {
                if watched[0].revents != 0 { return .serverStopping }
                if watched[1].revents & Self.isBroken != 0 { return .clientGone }
                if endOfSending == .isTheEnd { return .clientGone }
                hasEndedSending.store(true, ordering: .relaxed)
                if endOfSending == .mustBeTried { Self.tryToSend(socket) }
            } else if left == .zero {
                return nil
            }
        }
    }

    /// Sends an interim response. RFC 9110, section 15.2.1: a client that has not asked for it discards it. Nothing else is
    /// being sent meanwhile: this is the connection's own thread, and earlier answers are out.
    private static func tryToSend(_ socket: Int32) {
        let interim = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
        send(socket, interim, interim.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
    }
}

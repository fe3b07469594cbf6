// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What waits for the agent. Payloads go out in order; what finds no room is refused, so that what was taken is never thrown
// away and a refused count can be sent with the next round. UDP takes whatever it is given, so nothing ever waits for it.
import Glibc
import MicroHTTP

/// Sends payloads to the agent, keeps at most `limit` bytes of them while it is slow or away, and connects again.
///
/// Used by one thread only.
final class Outbox {
    private let limit: Int
    private let connect: () throws -> AgentSocket
    private let tally: ReporterTally

    /// Ends waiting for a slow agent when it is raised.
    private var interruption: Event?

    private var waiting: [Payload] = []
    private var waitingBytes = 0
    private var socket: AgentSocket?

    // Of UDP: bytes since the last rest, what was sent last, and rounds without a refusal since the last one or since connecting.
    private var sinceRest = 0
    private var lastSent: Payload?
    private var quietRounds = 0
    private var connectedAt = ContinuousClock.now

    /// When to try again; until then nobody asks the agent.
    private(set) var nextAttempt = ContinuousClock.now
    private var delay = Duration.seconds(1)
    private static let longestDelay = Duration.seconds(10)

    /// The last thing that went wrong with the connection; nil once the agent takes payloads again.
    private var failure: String?

    /// Whether something was refused in this round, and whether in the last one or this.
    private var hasRefused = false
    private var isOverflowing = false

    /// Why the agent does not get everything now; nil when it does.
    var problem: String? {
        failure ?? (isOverflowing ? "it is too slow, and what waits for it fills the buffer" : nil)
    }

    init(
        limit: Int, tally: ReporterTally, interruption: Event? = nil, connect: @escaping () throws -> AgentSocket
    ) {
        self.interruption = interruption
        self.limit = limit
        self.tally = tally
        self.connect = connect
    }

    var isEmpty: Bool { waiting.isEmpty }
    var bufferedBytes: Int { waitingBytes }

    /// Nil while not connected.
    var transport: AgentSocket.Transport? { socket?.transport }

    /// What to poll for room, while payloads wait for a connected agent.
    var descriptorToWaitFor: Int32? { isEmpty ? nil : socket?.descriptor }

    /// Connects if it is time to. Returns whether there is a connection.
    func connectIfDue() -> Bool {
        if socket != nil { return true }
        guard ContinuousClock.now >= nextAttempt else { return false }
        do {
            socket = try connect()
            connectedAt = .now
            lastSent = nil
            quietRounds = 0
            return true
        } catch {
            fail(String(describing: error))
            return false
        }
    }

    /// Sends the payload, or keeps it until the agent takes it. Returns false when there is no room for it.
    /// - Parameter deadline: until when a slow agent is waited for.
    func put(_ payload: Payload, until deadline: ContinuousClock.Instant) -> Bool {
        drain(until: deadline)
        guard waitingBytes + payload.cost <= limit else {
            tally.dropped(payload, .queue)
            hasRefused = true
            isOverflowing = true
            return false
        }
        waiting.append(payload)
        waitingBytes += payload.cost
        drain(until: deadline)
        return true
    }

    /// Sends what waits until nothing does, the agent is gone, or it has taken nothing more until the deadline.
    func drain(until deadline: ContinuousClock.Instant) {
        var retries = 0
        while let payload = waiting.first, connectIfDue(), let socket {
            switch socket.send(payload.bytes) {
            case .sent:
                retries = 0
                tally.sent(payload)
                removeFirst()
                if socket.transport == .udp { rest(after: payload) } else { recovered() }
            case .full:
                guard waitForRoom(socket, until: deadline) else { return }
            case .refused:
                tally.dropped(payload, .writer)
                removeFirst()
            case .nobodyListens:
                // The kernel tells of the datagram before; this one was not sent and goes out at the second attempt.
                if let lastSent { tally.lost(lastSent) }
                lastSent = nil
                quietRounds = -1
                failure = "nobody receives at the agent's address"
                retries += 1
                if retries > 1 {
                    tally.dropped(payload, .writer)
                    removeFirst()
                }
            case .gone(let errno):
                fail(SocketProblem("the agent is gone", errno: errno).description)
            }
        }
    }

    /// Judges how the round went.
    ///
    /// Over UDP a datagram that was sent says nothing about the agent, but the refusal of the one before does. So it takes two
    /// rounds without one to believe that the agent is there; and a refused socket is made anew once a minute, because the
    /// agent's address may be another now, or its socket exist.
    func endRound() {
        isOverflowing = hasRefused
        hasRefused = false
        guard let socket, socket.transport == .udp else { return }
        quietRounds += 1
        if quietRounds >= 2 { recovered() }
        if quietRounds == 0, connectedAt.duration(to: .now) > .seconds(60) { self.socket = nil }
    }

    /// From now on nothing interrupts, and the agent is asked at once: the last values are on their way.
    func beginFarewell() {
        interruption = nil
        nextAttempt = .now
    }

    /// Counts what still waits as dropped: nobody will send it.
    func abandon() {
        while let payload = waiting.first {
            tally.dropped(payload, .writer)
            removeFirst()
        }
    }

    private func removeFirst() {
        waitingBytes -= waiting.removeFirst().cost
    }

    private func waitForRoom(_ socket: AgentSocket, until deadline: ContinuousClock.Instant) -> Bool {
        var waiters = [
            pollfd(fd: socket.descriptor, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: interruption?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        let ready = poll(&waiters, 2, SocketWait.milliseconds(until: deadline))
        return ready > 0 && waiters[0].revents != 0
    }

    /// A receiver's buffer has some 200 KiB in which each datagram counts double; bursts leave it time to read.
    private func rest(after payload: Payload) {
        lastSent = payload
        sinceRest += payload.bytes.count
        guard sinceRest >= 1 << 15 else { return }
        sinceRest = 0
        _ = poll(nil, 0, 2)
    }

    private func fail(_ sentence: String) {
        socket = nil
        failure = sentence
        nextAttempt = .now + delay
        delay = min(delay * 2, Self.longestDelay)
    }

    private func recovered() {
        delay = .seconds(1)
        failure = nil
    }
}

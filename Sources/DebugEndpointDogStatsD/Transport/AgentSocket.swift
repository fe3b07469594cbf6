// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// A connected socket to the agent that never blocks.
final class AgentSocket {
    enum Transport: String {
        case udp
        case unixDatagram = "uds"
        case unixStream = "uds-stream"
    }

    enum Outcome: Equatable {
        case sent
        /// The agent takes no more now; the same payload must be sent again.
        case full
        /// This payload is too long, or the system has no room for it and does not say when it will.
        case refused
        /// Nobody receives at the address of a UDP socket. What was sent before is lost; this payload was not sent.
        case nobodyListens
        /// The connection is of no use any more.
        case gone(errno: Int32)
    }

    let descriptor: Int32
    let transport: Transport

    /// How much of a payload's frame a stream has taken; the rest follows when the agent reads again.
    private var written = 0

    init(_ address: AgentAddress) throws(SocketProblem) {
        switch address {
        case .udp(let host, let port):
            (descriptor, transport) = (try InternetAddress.connect(host, port, type: SocketType.datagram), .udp)
        case .unix(let path, .datagram):
            (descriptor, transport) = (try UnixAddress.connect(path, type: SocketType.datagram), .unixDatagram)
        case .unix(let path, .stream):
            (descriptor, transport) = (try UnixAddress.connect(path, type: SocketType.stream), .unixStream)
        case .unix(let path, .either):
            do throws(SocketProblem) {
                (descriptor, transport) = (try UnixAddress.connect(path, type: SocketType.datagram), .unixDatagram)
            } catch {
                guard error.errno == EPROTOTYPE else { throw error }
                (descriptor, transport) = (try UnixAddress.connect(path, type: SocketType.stream), .unixStream)
            }
        }
    }

    deinit { close(descriptor) }

    func send(_ payload: [UInt8]) -> Outcome {
        transport == .unixStream ? sendFrame(payload) : sendDatagram(payload)
    }

    private func sendDatagram(_ payload: [UInt8]) -> Outcome {
        while Glibc.send(descriptor, payload, payload.count, Int32(MSG_NOSIGNAL)) < 0 {
            switch errno {
            case EINTR: continue
            case EAGAIN: return .full
            case EMSGSIZE, ENOBUFS, ENOMEM: return .refused
            case ECONNREFUSED where transport == .udp: return .nobodyListens
            default: return .gone(errno: errno)
            }
        }
        return .sent
    }

    /// The length as 32 bits, little-endian, then the payload. A stream may take a part of it: then the outcome is `full`, and
    /// the next call goes on. An agent whose connection ends in the middle drops the part, so nothing is received twice.
    private func sendFrame(_ payload: [UInt8]) -> Outcome {
        let length = UInt32(truncatingIfNeeded: payload.count)
        let frame = (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + payload
        while written < frame.count {
            let count = frame[written...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                written += count
            } else {
                switch errno {
                case EINTR: continue
                case EAGAIN: return .full
                default: return .gone(errno: errno)
                }
            }
        }
        written = 0
        return .sent
    }
}

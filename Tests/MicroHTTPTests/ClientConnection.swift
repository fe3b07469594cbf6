// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import MicroHTTP

/// A client's end of one connection, for tests that send slowly, leave early or hold it. Closed with the object.
final class ClientConnection {
    let descriptor: Int32
    private(set) var isOpen = true

    /// The errno of a connection that did not come about.
    struct Refused: Error, Equatable {
        let errno: Int32
    }

    init(_ address: ListenAddress) throws(Refused) {
        let (family, bytes) = Self.socketAddress(address)
        descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        let failure = bytes.withUnsafeBytes {
            connect(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count)) == 0
                ? 0 : errno
        }
        if failure != 0 {
            close(descriptor)
            isOpen = false
            throw Refused(errno: failure)
        }
    }

    deinit { leave() }

    /// Closes the connection; with `reset` the server gets a reset instead of an orderly end.
    func leave(reset: Bool = false) {
        guard isOpen else { return }
        isOpen = false
        if reset {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
        close(descriptor)
    }

    /// Tells the server that nothing more will be sent.
    func endSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// False when the server would not take all of it.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// What has come, at most `limit` bytes; empty when the server has ended the connection.
    func receive(_ limit: Int = 64 * 1024) -> [UInt8] {
        var part = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &part, part.count, 0)
        return count > 0 ? Array(part[..<count]) : []
    }

    func receiveToEnd() -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let part = receive()
            if part.isEmpty { return bytes }
            bytes += part
        }
    }

    /// Whether the server has ended the connection and nothing is left to read.
    var isEnded: Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
    }

    private static func socketAddress(_ address: ListenAddress) -> (family: Int32, bytes: [UInt8]) {
        switch address {
        case .host(let host, let port) where host.contains(":"):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            inet_pton(AF_INET6, host, &address.sin6_addr)
            return (AF_INET6, withUnsafeBytes(of: &address) { Array($0) })
        case .host(let host, let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            inet_pton(AF_INET, host, &address.sin_addr)
            return (AF_INET, withUnsafeBytes(of: &address) { Array($0) })
        case .unixSocket(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
            return (AF_UNIX, withUnsafeBytes(of: &address) { Array($0) })
        }
    }
}

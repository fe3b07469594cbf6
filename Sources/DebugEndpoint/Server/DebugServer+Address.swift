// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import MicroHTTP

extension DebugServer.Address {
    /// Reads `host:port`, `[IPv6]:port` or `unix:/path`.
    init(parsing text: String) throws(DebugServerError) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst("unix:".count))
            guard path.hasPrefix("/") else { throw Self.unreadable(text) }
            self = .unixSocket(path)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw Self.unreadable(text)
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw Self.unreadable(text)
        }
        guard !host.isEmpty else { throw Self.unreadable(text) }
        self = .host(String(host), port: Int(port))
    }

    private static func unreadable(_ text: String) -> DebugServerError {
        DebugServerError(
            .invalidAddress,
            "DEBUG_ENDPOINT is \"\(text)\", which is no address: give host:port, [IPv6]:port or unix:/path")
    }

    /// Checked before by `AccessPolicy`: the port is in range.
    var listenAddress: ListenAddress {
        switch self {
        case .loopback(let port): .host("127.0.0.1", port: UInt16(clamping: port))
        case .host(let host, let port): .host(host, port: UInt16(clamping: port))
        case .unixSocket(let path): .unixSocket(path)
        }
    }

    /// Whether only this machine can reach it. A name other than localhost counts as reachable, whatever it resolves to.
    var isLocal: Bool {
        switch self {
        case .loopback, .unixSocket: true
        case .host(let host, _): Self.isLoopback(host)
        }
    }

    /// `localhost`, a name under it, 127.0.0.0/8 or ::1.
    static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        var ipv4 = in_addr()
        if inet_pton(AF_INET, host, &ipv4) == 1 { return UInt32(bigEndian: ipv4.s_addr) >> 24 == 127 }
        var ipv6 = in6_addr()
        guard inet_pton(AF_INET6, host, &ipv6) == 1 else { return false }
        return withUnsafeBytes(of: &ipv6) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
    }
}

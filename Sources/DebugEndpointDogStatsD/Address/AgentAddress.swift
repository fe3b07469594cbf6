// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Where an agent receives DogStatsD lines.
package enum AgentAddress: Sendable, Equatable, CustomStringConvertible {
    /// Which kind of Unix socket the agent has made at the path.
    package enum UnixKind: Sendable, Equatable {
        case datagram, stream
        /// Datagrams are tried first; the kernel says when the socket is of the other kind.
        case either
    }
    case udp(host: String, port: UInt16)
    case unix(path: String, UnixKind)

    package static let defaultPort: UInt16 = 8125

    /// What Datadog's clients write: `host:port`, `udp://host:port`, `unix:///path`, `unixgram:///path` or
    /// `unixstream:///path`; IPv6 addresses in brackets where a port follows.
    package init(parsing text: String, from origin: String) throws(RuntimeMetricsReporterError) {
        for (scheme, kind) in [("unix://", UnixKind.either), ("unixgram://", .datagram), ("unixstream://", .stream)]
        where text.hasPrefix(scheme) {
            let path = String(text.dropFirst(scheme.utf8.count))
            guard path.hasPrefix("/"), path.utf8.count < UnixAddress.longestPath, !path.utf8.contains(0) else {
                throw RuntimeMetricsReporterError(
                    .invalidAddress,
                    "the socket path of \(origin) is not absolute or has over \(UnixAddress.longestPath - 1) bytes: "
                        + "give one such as unix:///var/run/datadog/dsd.socket")
            }
            self = .unix(path: path, kind)
            return
        }
        let rest = text.hasPrefix("udp://") ? text.dropFirst(6) : text[...]
        guard !rest.contains("/"), let (host, port) = HostAndPort.split(rest) else {
            throw RuntimeMetricsReporterError(
                .invalidAddress,
                "the address in \(origin) cannot be understood: give host:port, unix:///path, unixgram:///path or "
                    + "unixstream:///path")
        }
        self = .udp(host: host, port: port ?? Self.defaultPort)
    }

    package var description: String {
        switch self {
        case .udp(let host, let port): (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
        case .unix(let path, .either): "unix://" + path
        case .unix(let path, .datagram): "unixgram://" + path
        case .unix(let path, .stream): "unixstream://" + path
        }
    }
}

/// `host`, `host:port`, `[IPv6]:port` or a bare IPv6 address, taken apart.
enum HostAndPort {
    /// Nil when the host is empty or has blanks or brackets of its own, or the port is not 1 to 65535.
    static func split(_ text: Substring) -> (host: String, port: UInt16?)? {
        var host = text
        var port: UInt16?
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            if !rest.isEmpty {
                guard let number = Self.port(rest.dropFirst()) else { return nil }
                port = number
            }
        } else if let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon {
            host = text[..<colon]
            guard let number = Self.port(text[text.index(after: colon)...]) else { return nil }
            port = number
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != 0x5B && $0 != 0x5D }) else {
            return nil
        }
        return (String(host), port)
    }

    static func port(_ text: some StringProtocol) -> UInt16? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(text), port > 0
        else { return nil }
        return port
    }
}

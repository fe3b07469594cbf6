// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// What the agent's `/info` says about DogStatsD: the port it receives at.
package enum AgentReport {
    package static let usualSocket = "/var/run/datadog/apm.socket"

    enum Source: Equatable {
        case tcp(host: String, port: UInt16)
        case unix(path: String)
    }

    /// Asks the agent; nil when nobody answers within a second, or not with a port. An agent behind TLS is not asked.
    ///
    /// Blocks for up to a second, and for the time a name takes to be resolved.
    package static func statsdPort(_ environment: ProcessEnvironment, socket: String = Self.usualSocket) -> UInt16? {
        guard let source = source(environment, socket: socket), let answer = ask(source) else { return nil }
        guard let number = JSONNumbers(answer).number(at: ["config", "statsd_port"]), (1...65535).contains(number)
        else { return nil }
        return UInt16(exactly: number)
    }

    /// `DD_TRACE_AGENT_URL`, else `DD_AGENT_HOST` and `DD_TRACE_AGENT_PORT`, else the socket where it exists, else localhost.
    static func source(_ environment: ProcessEnvironment, socket: String) -> Source? {
        if let url = environment["DD_TRACE_AGENT_URL"] {
            if url.hasPrefix("unix://") { return .unix(path: String(url.dropFirst(7))) }
            if url.hasPrefix("http://") {
                let authority = url.dropFirst(7).prefix { $0 != "/" }
                guard let (host, port) = HostAndPort.split(authority) else { return nil }
                return .tcp(host: host, port: port ?? 80)
            }
            if url.hasPrefix("https://") { return nil }
        }
        let host = (try? environment.host("DD_AGENT_HOST")) ?? nil
        let port = (try? environment.port("DD_TRACE_AGENT_PORT")) ?? nil
        if host == nil, port == nil, FilePresence.exists(socket) { return .unix(path: socket) }
        return .tcp(host: host ?? "localhost", port: port ?? 8126)
    }

    /// The body of the agent's answer when its status is 200. HTTP 1.0, so that the body ends with the connection.
    private static func ask(_ source: Source) -> [UInt8]? {
        let deadline = ContinuousClock.now + .seconds(1)
        guard let descriptor = connect(source) else { return nil }
        defer { close(descriptor) }
        var request = Array("GET /info HTTP/1.0\r\nHost: agent\r\nAccept: application/json\r\n\r\n".utf8)[...]
        while !request.isEmpty {
            guard SocketWait.wait(descriptor, for: POLLOUT, until: deadline) else { return nil }
            let sent = request.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent > 0 { request = request.dropFirst(sent) } else if errno != EAGAIN, errno != EINTR { return nil }
        }
        var answer: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16384)
        while answer.count < 1 << 20 {
            guard SocketWait.wait(descriptor, for: POLLIN, until: deadline) else { return nil }
            let received = recv(descriptor, &part, part.count, 0)
            if received == 0 { return body(of: answer) }
            if received > 0 { answer += part[..<received] } else if errno != EAGAIN, errno != EINTR { return nil }
        }
        return nil
    }

    private static func connect(_ source: Source) -> Int32? {
        switch source {
        case .unix(let path): try? UnixAddress.connect(path, type: SocketType.stream)
        case .tcp(let host, let port): try? InternetAddress.connect(host, port, type: SocketType.stream)
        }
    }

    static func body(of answer: [UInt8]) -> [UInt8]? {
        let status = answer.prefix { $0 != 13 && $0 != 10 }.split(separator: 32)
        guard status.count >= 2, status[0].starts(with: "HTTP/1.".utf8), status[1].elementsEqual("200".utf8) else {
            return nil
        }
        let end = Array("\r\n\r\n".utf8)
        var place = 0
        while place + end.count <= answer.count {
            if answer[place..<place + end.count].elementsEqual(end) { return Array(answer[(place + end.count)...]) }
            place += 1
        }
        return nil
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
public import DebugEndpoint
import Glibc

/// A blocking HTTP client for tests of what an endpoint answers: no concurrency, no connection kept.
///
/// ```swift
/// let server = try DebugServer.start(.init(address: .loopback(port: 0), registry: registry))
/// let answer = try DebugClient(server).get("/debug/vars")
/// #expect(answer.status == 200)
/// ```
public struct DebugClient: Sendable {
    private let target: Target
    /// How long one read or write may take.
    public var timeout: Duration = .seconds(30)

    private enum Target: Sendable {
        case loopback(port: UInt16)
        case unixSocket(String)
    }

    /// A client of a server in this process that listens at 127.0.0.1 or a Unix socket.
    public init(_ server: DebugServer) {
        if server.url.hasPrefix("unix:") {
            target = .unixSocket(String(server.url.dropFirst("unix:".count)))
        } else {
            target = .loopback(port: UInt16(clamping: server.port))
        }
    }

    /// A client of whatever listens at this port of 127.0.0.1.
    public init(port: Int) {
        target = .loopback(port: UInt16(clamping: port))
    }

    /// An answer, complete.
    public struct Answer: Sendable {
        public let status: Int
        public let headers: [(name: String, value: String)]
        public let body: [UInt8]

        public var text: String { String(decoding: body, as: UTF8.self) }

        /// The first value of a header, whatever its case.
        public func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    /// What went wrong before there was an answer.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    public func get(_ path: String, headers: [String: String] = [:]) throws(Failure) -> Answer {
        try send("GET", path, headers: headers)
    }

    /// Sends one request and reads the answer to its end.
    public func send(
        _ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8] = []
    ) throws(Failure) -> Answer {
        var request = "\(method) \(path) HTTP/1.1\r\nConnection: close\r\n"
        if !headers.keys.contains(where: { $0.lowercased() == "host" }) { request += "Host: localhost\r\n" }
        if !body.isEmpty { request += "Content-Length: \(body.count)\r\n" }
        for (name, value) in headers { request += "\(name): \(value)\r\n" }
        return try exchange(Array((request + "\r\n").utf8) + body)
    }

    /// Sends these bytes as they are and reads what comes until the server closes the connection.
    public func exchange(_ request: [UInt8]) throws(Failure) -> Answer {
        let connection = try connect()
        defer { close(connection) }
        // A server may answer and close before it has read everything; then the answer counts, not the failed write.
        _ = write(request, to: connection)
        return try parse(readToEnd(connection))
    }

    /// An open connection, for tests that hold it, send slowly or leave early. The caller closes it.
    public func connect() throws(Failure) -> Int32 {
        let isTCP = if case .loopback = target { true } else { false }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(isTCP ? AF_INET : AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw Failure(description: "no socket: errno \(errno)") }
        let (seconds, attoseconds) = timeout.components
        var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        guard connect(descriptor) == 0 else {
            let failure = Failure(description: "not connected: errno \(errno)")
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    /// Writes all of it, without raising SIGPIPE; false when the server would not take it.
    public func write(_ bytes: [UInt8], to connection: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            // A signal with a handler, such as a profiler's, breaks calls that have a timeout.
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Everything the server still sends, until it closes the connection.
    public func readToEnd(_ connection: Int32) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = read(connection, &part, part.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == ECONNRESET, !bytes.isEmpty { return bytes }
            guard count >= 0 else { throw Failure(description: "no answer: errno \(errno)") }
            if count == 0 { return bytes }
            bytes += part[..<count]
        }
    }

    private func connect(_ descriptor: Int32) -> Int32 {
        switch target {
        case .loopback(let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        case .unixSocket(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
    }

    private func parse(_ bytes: [UInt8]) throws(Failure) -> Answer {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            throw Failure(description: "the answer has \(bytes.count) bytes and no end of headers")
        }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let statusLine = lines.first?.split(separator: " ") ?? []
        guard statusLine.count >= 2, statusLine[0].hasPrefix("HTTP/1."), let status = Int(statusLine[1]) else {
            throw Failure(description: "the answer does not begin with a status line")
        }
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        return Answer(status: status, headers: headers, body: Array(bytes[end.upperBound...]))
    }
}

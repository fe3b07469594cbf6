// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc

/// Thousands of requests with broken targets and headers, from a fixed seed, against the endpoint's own routes.
enum MutatedRequests {
    /// SplitMix64: the same seed gives the same requests everywhere.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
    private static let rounds = 4000
    private static let paths = ["/debug/", "/debug/vars", "/metrics", "/openapi.yaml", "/debug/none"]
    private static let headers = ["Accept", "Accept-Encoding", "Host", "Authorization", "Connection", "Content-Length"]
    private static let pieces = [
        "match", "=", "&", "?", "*", "[", "]", "[a-", "[z-a]", "[!", "\\", ",", ";q=", "0.5", "1e999", "-1", "%41", "%",
        "%ff",
        "%00", "%E2%82%AC", "+", "text/html", "*/*", "gzip", "application/openmetrics-text", "version=", "\"", ":",
        "[::1]",
        "localhost", "Bearer ", "99999999999999999999", "http_requests_total", "\u{1}", "é",
    ]

    @Sendable static func run() throws {
        let registry = VariableRegistry()
        registry.counter("http_requests_total", labels: ["route"])["/"].increment()
        registry.histogram("latency_seconds").record(0.1)
        let server = try startServer(registry)
        let client = DebugClient(server)
        var generator = Generator(state: 20_26)
        let compose = { (most: Int, generator: inout Generator) in
            (0..<Int.random(in: 0...most, using: &generator)).map { _ in pieces.randomElement(using: &generator)! }
                .joined()
        }
        var statuses: [Int: Int] = [:]
        var unanswered = 0
        for _ in 0..<rounds {
            let isLong = Int.random(in: 0..<50, using: &generator) == 0
            var request = "\(["GET", "HEAD", "POST", "BREW"].randomElement(using: &generator)!) "
            request += paths.randomElement(using: &generator)! + "?" + compose(isLong ? 900 : 8, &generator)
            request += " HTTP/1.1\r\nConnection: close\r\n"
            if Int.random(in: 0..<8, using: &generator) > 0 { request += "Host: localhost\r\n" }
            for _ in 0..<Int.random(in: 0..<4, using: &generator) {
                request += "\(headers.randomElement(using: &generator)!): \(compose(isLong ? 200 : 6, &generator))\r\n"
            }
            let connection = try client.connect()
            _ = client.write(Array((request + "\r\n").utf8), to: connection)
            shutdown(connection, Int32(SHUT_WR))
            let answer = String(decoding: (try? client.readToEnd(connection)) ?? [], as: UTF8.self)
            close(connection)
            if answer.isEmpty { unanswered += 1 } else { statuses[status(of: answer), default: 0] += 1 }
        }
        report("rounds", rounds)
        report("unanswered", unanswered)
        report("invalid_answers", statuses[0] ?? 0)
        report("server_errors", statuses.filter { $0.key >= 500 }.values.reduce(0, +))
        for (status, count) in statuses.sorted(by: { $0.key < $1.key }) { report("status_\(status)", count) }
        report("plain_answer", try client.get("/debug/vars").status)
        server.stop()
    }

    /// The status of an answer that begins with a status line, else 0.
    private static func status(of answer: String) -> Int {
        let line = answer.prefix { $0 != "\r\n" }.split(separator: " ")
        guard line.count >= 2, line[0] == "HTTP/1.1", let status = Int(line[1]), (100...599).contains(status) else {
            return 0
        }
        return status
    }
}

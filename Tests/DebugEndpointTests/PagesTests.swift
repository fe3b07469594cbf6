// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointTesting
import Testing

@Suite struct PagesTests {
    struct Expectation: Sendable, CustomTestStringConvertible {
        let method: String
        let path: String
        var headers: [String: String] = [:]
        let status: Int
        var type = "text/plain; charset=utf-8"
        var contains = ""
        var testDescription: String { "\(method) \(path) \(headers)" }
    }

    static let json = "application/json; charset=utf-8"
    static let openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    static let prometheus = "text/plain; version=0.0.4; charset=utf-8"

    static let table: [Expectation] = [
        .init(method: "GET", path: "/debug/", status: 200, contains: "/debug/vars                 1 variable "),
        .init(method: "GET", path: "/debug/", headers: ["Accept": "*/*"], status: 200),
        .init(
            method: "GET", path: "/debug/", headers: ["Accept": "text/html,application/xml;q=0.9,*/*;q=0.8"],
            status: 200,
            type: "text/html; charset=utf-8", contains: "<a href=\"/debug/vars\">/debug/vars</a>"),
        .init(method: "GET", path: "/debug/", headers: ["Accept": "text/html;q=0.1, text/plain"], status: 200),
        .init(
            method: "GET", path: "/debug/vars", status: 200, type: json,
            contains: "\n\"jobs_total\": 3,\n\"memstats\": {\"Alloc\":"),
        .init(
            method: "GET", path: "/debug/vars?match=jobs*", status: 200, type: json,
            contains: "{\n\"jobs_total\": 3\n}\n"),
        .init(
            method: "GET", path: "/debug/vars?match=x,j?bs_total", status: 200, type: json,
            contains: "{\n\"jobs_total\": 3\n}\n"),
        .init(
            method: "GET", path: "/debug/vars?match=%6Aobs*", status: 200, type: json,
            contains: "{\n\"jobs_total\": 3\n}\n"),
        .init(method: "GET", path: "/debug/vars?match=nothing", status: 200, type: json, contains: "{\n\n}\n"),
        .init(method: "GET", path: "/debug/vars?match=", status: 400, contains: "match is not a list of patterns"),
        .init(method: "GET", path: "/debug/vars?match=a,,b", status: 400, contains: "match is not a list of patterns"),
        .init(method: "GET", path: "/debug/vars?match=[", status: 400, contains: "match is not a list of patterns"),
        .init(
            method: "GET", path: "/debug/vars?match=" + String(repeating: "a", count: 1001), status: 400,
            contains: "1000"),
        .init(
            method: "GET", path: "/debug/vars?match=a&match=b", status: 400, contains: "match is given more than once"),
        .init(method: "GET", path: "/debug/vars?seconds=1", status: 400, contains: "/debug/vars, which takes match"),
        .init(method: "GET", path: "/debug/vars?%zz", status: 400, contains: "two hexadecimal digits"),
        .init(method: "GET", path: "/debug/vars?%ff", status: 400, contains: "not UTF-8"),
        .init(
            method: "GET", path: "/metrics", status: 200, type: prometheus,
            contains: "# TYPE jobs_total counter\njobs_total 3\n"),
        .init(method: "GET", path: "/metrics", status: 200, type: prometheus, contains: "\nprocess_open_fds "),
        .init(
            method: "GET", path: "/metrics", status: 200, type: prometheus, contains: "\ndebug_endpoint_problems 0\n"),
        .init(
            method: "GET", path: "/metrics", headers: ["Accept": "application/openmetrics-text"], status: 200,
            type: openMetrics,
            contains: "# TYPE jobs counter\njobs_total 3\n"),
        .init(method: "GET", path: "/metrics?x=1", status: 400, contains: "/metrics, which takes none"),
        .init(
            method: "GET", path: "/openapi.yaml", status: 200, type: "application/yaml; charset=utf-8",
            contains: "openapi: 3.1"),
        .init(method: "GET", path: "/", status: 404, contains: "/debug/"),
        .init(method: "GET", path: "/debug", status: 307, contains: "this page is at /debug/"),
        .init(method: "GET", path: "/debug/pprof", status: 307, contains: "this page is at /debug/pprof/"),
        .init(method: "GET", path: "/debug/pprof/heapp", status: 404, contains: "nearest is /debug/pprof/"),
        .init(method: "GET", path: "/debug/pprof/profile?seconds=0", status: 400, contains: "give 1 to 300"),
        .init(method: "GET", path: "/debug/pprof/profile?hz=1001", status: 400, contains: "give 1 to 1000"),
        .init(method: "GET", path: "/debug/pprof/thread?seconds=1", status: 400, contains: "unknown"),
        .init(method: "GET", path: "/debug/pprof/thread?debug=3", status: 400, contains: "give 0 to 2"),
        .init(
            method: "GET", path: "/debug/pprof/thread?debug=1", status: 200, contains: "thread profile: total "),
        .init(
            method: "GET", path: "/debug/pprof/thread?debug=1&format=folded", status: 400, contains: "give one of them"),
        .init(method: "GET", path: "/debug/pprof/goroutine?debug=2", status: 200, contains: "\nthread "),
        .init(method: "GET", path: "/debug/pprof/threadcreate", status: 501, contains: "nobody keeps them"),
        .init(method: "GET", path: "/debug/pprof/symbol?0x0+nonsense", status: 200, contains: "num_symbols: 1\n"),
        .init(method: "POST", path: "/debug/pprof/symbol", status: 200, contains: "num_symbols: 1\n"),
        .init(method: "POST", path: "/debug/pprof/thread", status: 405, contains: "use GET or HEAD"),
        .init(method: "PUT", path: "/debug/pprof/symbol", status: 405, contains: "use GET, HEAD or POST"),
        .init(method: "GET", path: "/debug/var", status: 404, contains: "nearest is /debug/vars,"),
        .init(method: "GET", path: "/metric", status: 404, contains: "nearest is /metrics,"),
        .init(method: "GET", path: "/debug/vars%00", status: 404, contains: "nearest is /debug/vars,"),
        .init(method: "POST", path: "/debug/vars", status: 405, contains: "use GET or HEAD"),
        .init(method: "DELETE", path: "/metrics", status: 405, contains: "use GET or HEAD"),
        .init(method: "TRACE", path: "/debug/", status: 405, contains: "use GET or HEAD"),
        .init(method: "OPTIONS", path: "/debug/", status: 405, contains: "use GET or HEAD"),
        .init(method: "BREW", path: "/openapi.yaml", status: 405, contains: "use GET or HEAD"),
        .init(method: "get", path: "/debug/vars", status: 405, contains: "use GET or HEAD"),
    ]

    @Test(arguments: table)
    func everyPathAnswersAsTheContractSays(_ expected: Expectation) throws {
        try withServer { client in
            let answer = try client.send(expected.method, expected.path, headers: expected.headers)
            #expect(answer.status == expected.status)
            #expect(answer.header("Content-Type") == expected.type)
            #expect(expected.contains.isEmpty || answer.text.contains(expected.contains), "\(answer.text)")
            #expect(answer.header("X-Content-Type-Options") == "nosniff")
            #expect(answer.header("Cache-Control") == "no-store")
            let allowed = expected.path == "/debug/pprof/symbol" ? "GET, HEAD, POST" : "GET, HEAD"
            #expect(answer.header("Allow") == (expected.status == 405 ? allowed : nil))
        }
    }

    @Test(arguments: ["/debug/", "/debug/vars", "/metrics", "/openapi.yaml", "/nowhere"])
    func headHasTheHeadersOfGetAndNoBody(path: String) throws {
        try withServer { client in
            let get = try client.get(path)
            let head = try client.send("HEAD", path)
            #expect(head.status == get.status)
            #expect(head.body.isEmpty)
            #expect(!get.body.isEmpty)
            #expect(head.headers.map(\.name).sorted() == get.headers.map(\.name).sorted())
            #expect(head.header("Content-Type") == get.header("Content-Type"))
        }
    }

    @Test func noTextOfTheRequestIsRepeatedInARefusal() throws {
        try withServer { client in
            for path in ["/secret-path", "/debug/vars?secret=1", "/debug/vars?match=secret%20"] {
                let text = try client.get(path).text
                #expect(!text.contains("secret"))
            }
        }
    }

    @Test func gettingEveryPageChangesNothing() throws {
        try withServer { client in
            let before = try client.get("/debug/vars?match=j*").text
            for path in ["/debug/", "/metrics", "/openapi.yaml"] { _ = try client.get(path) }
            #expect(try client.get("/debug/vars?match=j*").text == before)
        }
    }

    @Test(arguments: [("gzip", true), ("gzip;q=0", false), ("*", true), ("br", false), ("identity, gzip;q=0.2", true)])
    func longTextIsCompressedForClientsThatAcceptIt(accept: String, isCompressed: Bool) throws {
        try withServer { client in
            let answer = try client.get("/debug/vars", headers: ["Accept-Encoding": accept])
            #expect((answer.header("Content-Encoding") == "gzip") == isCompressed)
            #expect(answer.body.starts(with: [0x1F, 0x8B]) == isCompressed)
            #expect(answer.headers.contains { $0.name == "Vary" && $0.value == "Accept-Encoding" })
        }
    }

    private func withServer(_ body: (DebugClient) throws -> Void) throws {
        let registry = VariableRegistry()
        registry.counter("jobs_total").increment(by: 3)
        let server = try DebugServer.start(.init(address: .loopback(port: 0), registry: registry))
        defer { server.stop() }
        try body(DebugClient(server))
    }
}

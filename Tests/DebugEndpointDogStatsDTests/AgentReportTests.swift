// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import DebugEndpointDogStatsD

@Suite struct AgentReportTests {
    private static let info = """
        {"version": "7.60", "endpoints": ["/v0.4/traces", "/info"], "statsd_port": 1, "nested": {"config": {"statsd_port": 2}},
         "config": {"default_env": "none \\"quoted\\"", "statsd_port": 8199, "max": 1.5e3, "obfuscation": [{}, null, true]}}
        """

    private func port(_ environment: [String: String], socket: String = "/nonexistent") -> UInt16? {
        AgentReport.statsdPort(ProcessEnvironment(environment), socket: socket)
    }

    @Test func thePortThatTheAgentReportsIsReadOverTCP() throws {
        let agent = try StubInfo(answer: StubInfo.ok(Self.info))
        defer { agent.stop() }
        #expect(port(["DD_TRACE_AGENT_URL": "http://127.0.0.1:\(agent.port)"]) == 8199)
        #expect(port(["DD_AGENT_HOST": "127.0.0.1", "DD_TRACE_AGENT_PORT": String(agent.port)]) == 8199)
        #expect(agent.requests.count == 2)
        #expect(agent.requests.allSatisfy { $0.hasPrefix("GET /info HTTP/1.0\r\n") })
    }

    @Test func thePortThatTheAgentReportsIsReadOverAUnixSocket() throws {
        let folder = try TemporaryFolder()
        let agent = try StubInfo(path: folder.path + "/apm.socket", answer: StubInfo.ok(Self.info))
        defer { agent.stop() }
        #expect(port([:], socket: folder.path + "/apm.socket") == 8199)
        #expect(port(["DD_TRACE_AGENT_URL": "unix://\(folder.path)/apm.socket"]) == 8199)
    }

    @Test(arguments: [
        "HTTP/1.0 404 Not Found\r\n\r\n" + info, "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.0 200 OK\r\n", "", "\r\n\r\n{}",
        "nonsense 200\r\n\r\n" + info, "HTTP/1.0 200 OK\r\n\r\n{\"config\": {\"statsd_port\": 0}}",
        "HTTP/1.0 200 OK\r\n\r\n{\"config\": {\"statsd_port\": 70000}}",
        "HTTP/1.0 200 OK\r\n\r\n{\"config\": {\"statsd_port\": \"8125\"}}",
        "HTTP/1.0 200 OK\r\n\r\n{\"config\": {\"statsd_port\": 99999999999999999999}}",
        "HTTP/1.0 200 OK\r\n\r\n{\"config\": {\"statsd_port\": 8125}",
    ])
    func otherAnswersReportNoPort(answer: String) throws {
        let agent = try StubInfo(answer: answer)
        defer { agent.stop() }
        #expect(port(["DD_TRACE_AGENT_URL": "http://127.0.0.1:\(agent.port)"]) == nil)
    }

    @Test func anAgentThatNeverAnswersIsLeftAfterASecond() throws {
        let agent = try StubInfo(answer: nil)
        defer { agent.stop() }
        let start = ContinuousClock.now
        #expect(port(["DD_TRACE_AGENT_URL": "http://127.0.0.1:\(agent.port)"]) == nil)
        #expect(start.duration(to: .now) >= .seconds(1))
        #expect(start.duration(to: .now) < .seconds(10))
    }

    @Test func whoIsAskedFollowsTheOrderOfDatadogsClients() throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "apm.socket")
        let socket = folder.path + "/apm.socket"
        let source = { (environment: [String: String], socket: String) in
            AgentReport.source(ProcessEnvironment(environment), socket: socket)
        }
        #expect(source([:], "/nonexistent") == .tcp(host: "localhost", port: 8126))
        #expect(source([:], socket) == .unix(path: socket))
        #expect(source(["DD_AGENT_HOST": "a"], socket) == .tcp(host: "a", port: 8126))
        #expect(source(["DD_TRACE_AGENT_PORT": "9"], socket) == .tcp(host: "localhost", port: 9))
        #expect(
            source(["DD_TRACE_AGENT_URL": "http://b:7/x", "DD_AGENT_HOST": "a"], socket) == .tcp(host: "b", port: 7))
        #expect(source(["DD_TRACE_AGENT_URL": "http://b"], socket) == .tcp(host: "b", port: 80))
        #expect(source(["DD_TRACE_AGENT_URL": "ftp://b"], socket) == .unix(path: socket))
        #expect(source(["DD_TRACE_AGENT_URL": "https://b"], socket) == nil)
    }

    @Test(arguments: [
        ("{\"config\":{\"statsd_port\":5}}", 5), ("{\"config\":{\"statsd_port\":5,\"statsd_port\":6}}", 6),
        ("{\"a\\\"\":{\"b\":[1,[2],{}]},\"config\":{\"statsd_port\":-7}}", -7), ("[]", nil), ("{}", nil), ("5", nil),
        ("{\"config\":5}", nil), ("{\"config\":{\"statsd_port\":1.5}}", nil),
        ("{\"config\":{\"statsd_port\":5}} x", nil),
        ("{\"config\":{\"statsd_port\":}}", nil), ("{\"config\"", nil), ("\"\\", nil), ("", nil), ("{\"a\":nope}", nil),
        (String(repeating: "[", count: 100_000), nil),
    ])
    func numbersAreFoundInJSONAndNowhereElse(document: String, expected: Int?) {
        #expect(JSONNumbers(Array(document.utf8)).number(at: ["config", "statsd_port"]) == expected)
    }
}

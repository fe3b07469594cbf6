// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import DebugEndpointDogStatsD

@Suite struct AddressRulesTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var option: String?
        var environment: [String: String] = [:]
        var hasSocket = false
        var reportedPort: UInt16?
        let expected: String
        var testDescription: String {
            "\(option ?? "-") \(environment.sorted { $0.key < $1.key }) \(hasSocket) \(reportedPort ?? 0)"
        }
    }

    private static let host = ["DD_DOGSTATSD_HOST": "111.111.1.1"]
    private static let port = ["DD_DOGSTATSD_PORT": "8111"]
    private static let both = ["DD_DOGSTATSD_HOST": "111.111.1.1", "DD_DOGSTATSD_PORT": "8111"]
    private static let agent = ["DD_AGENT_HOST": "222.222.2.2"]
    private static let url = ["DD_DOGSTATSD_URL": "myhost:9999"]
    private static let unixURL = ["DD_DOGSTATSD_URL": "unix:///SOCKET"]

    /// The cases of dd-trace-go's `TestDogstatsdAddrResolution`, at its commit of 2026-08-21; SOCKET is a path that exists.
    static let table: [Row] = [
        Row(expected: "localhost:8125"),
        Row(environment: host.merging(agent) { $1 }, expected: "111.111.1.1:8125"),
        Row(environment: port, expected: "localhost:8111"),
        Row(environment: port.merging(agent) { $1 }, expected: "222.222.2.2:8111"),
        Row(environment: both.merging(agent) { $1 }, expected: "111.111.1.1:8111"),
        Row(environment: host, hasSocket: true, expected: "111.111.1.1:8125"),
        Row(environment: port, hasSocket: true, expected: "localhost:8111"),
        Row(hasSocket: true, expected: "unix:///SOCKET"),
        Row(environment: agent, hasSocket: true, expected: "unix:///SOCKET"),
        Row(environment: agent, expected: "222.222.2.2:8125"),
        Row(environment: agent, reportedPort: 9876, expected: "222.222.2.2:9876"),
        Row(option: "custom:9999", expected: "custom:9999"),
        Row(option: "custom:9999", environment: both, expected: "custom:9999"),
        Row(option: "custom:9999", hasSocket: true, expected: "custom:9999"),
        Row(option: "custom:9999", reportedPort: 9876, expected: "custom:9999"),
        Row(environment: host, reportedPort: 9876, expected: "111.111.1.1:9876"),
        Row(environment: both, reportedPort: 9876, expected: "111.111.1.1:8111"),
        Row(reportedPort: 9876, expected: "localhost:9876"),
        Row(hasSocket: true, reportedPort: 9876, expected: "unix:///SOCKET"),
        Row(environment: url, expected: "myhost:9999"),
        Row(environment: unixURL, expected: "unix:///SOCKET"),
        Row(environment: url.merging(both) { $1 }, expected: "myhost:9999"),
        Row(environment: unixURL, reportedPort: 9876, expected: "unix:///SOCKET"),
        Row(environment: url, reportedPort: 9876, expected: "myhost:9999"),
    ]

    @Test(arguments: table) func theAgentIsLookedForInTheOrderOfDatadogsClients(row: Row) throws {
        let folder = try TemporaryFolder()
        let socket = folder.path + "/dsd.socket"
        if row.hasSocket { try Data().write(to: URL(filePath: socket)) }
        let environment = row.environment.mapValues { $0.replacing("/SOCKET", with: socket) }
        let rules = AddressRules(option: row.option, environment: ProcessEnvironment(environment), socket: socket)
        let address = try rules.choose().address(reportedPort: row.reportedPort)
        #expect(address.description == row.expected.replacing("/SOCKET", with: socket))
    }

    @Test func theTableHasAllItsRows() {
        #expect(Self.table.count == 24)
    }

    @Test func emptyVariablesCountAsNotSet() throws {
        let empty = ["DD_DOGSTATSD_URL": "", "DD_DOGSTATSD_HOST": "", "DD_DOGSTATSD_PORT": "", "DD_AGENT_HOST": ""]
        let rules = AddressRules(option: nil, environment: ProcessEnvironment(empty), socket: "/nonexistent")
        #expect(try rules.choose().address == .udp(host: "localhost", port: 8125))
    }

    @Test(arguments: [
        ("udp://agent:1", AgentAddress.udp(host: "agent", port: 1)), ("agent", .udp(host: "agent", port: 8125)),
        ("[::1]:9", .udp(host: "::1", port: 9)), ("::1", .udp(host: "::1", port: 8125)),
        ("unix:///a", .unix(path: "/a", .either)), ("unixgram:///a", .unix(path: "/a", .datagram)),
        ("unixstream:///a", .unix(path: "/a", .stream)),
    ])
    func everyFormOfAnAddressIsUnderstood(text: String, expected: AgentAddress) throws {
        #expect(try AgentAddress(parsing: text, from: "a test") == expected)
    }

    @Test(arguments: [
        "", ":8125", "a:", "a:0", "a:65536", "a:x", "a:-1", "a b:1", "http://a:1", "tcp://a:1", "[::1", "[::1]x",
        "[]:1",
        "unix://", "unix://a", "unix://@a", "unixstream:///" + String(repeating: "x", count: 120), "a:１２",
    ])
    func otherAddressesAreRefusedInASentence(text: String) {
        let error = #expect(throws: RuntimeMetricsReporterError.self) {
            try AgentAddress(parsing: text, from: "the configuration")
        }
        #expect(error?.code == .invalidAddress)
        #expect(error?.description.contains("the configuration") == true)
    }

    @Test(arguments: [
        ["DD_DOGSTATSD_PORT": "http"], ["DD_DOGSTATSD_PORT": "70000"], ["DD_DOGSTATSD_HOST": "a:1"],
        ["DD_AGENT_HOST": "http://a"], ["DD_DOGSTATSD_URL": "tcp://a"],
    ])
    func badVariablesAreNamedInTheError(environment: [String: String]) throws {
        let rules = AddressRules(option: nil, environment: ProcessEnvironment(environment), socket: "/nonexistent")
        let error = #expect(throws: RuntimeMetricsReporterError.self) { try rules.choose() }
        let name = try #require(environment.keys.first)
        #expect(error?.description.contains(name) == true)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The order in which Datadog's clients look for the agent: option, DD_DOGSTATSD_URL, DD_DOGSTATSD_HOST and _PORT, the socket
// where it exists, DD_AGENT_HOST or localhost. Where no port is given, the one the agent reports, else 8125.

/// Where to send, by the configured address and the environment.
package struct AddressRules: Sendable {
    package static let usualSocket = "/var/run/datadog/dsd.socket"

    private let option: String?
    private let environment: ProcessEnvironment
    private let socket: String

    package init(option: String?, environment: ProcessEnvironment, socket: String = Self.usualSocket) {
        self.option = option
        self.environment = environment
        self.socket = socket
    }

    package struct Choice: Sendable, Equatable {
        package var address: AgentAddress
        /// No port was given, so the one that the agent reports counts.
        package var takesReportedPort = false

        /// The address, with the port that the agent reports where that counts.
        package func address(reportedPort: UInt16?) -> AgentAddress {
            guard takesReportedPort, let reportedPort, case .udp(let host, _) = address else { return address }
            return .udp(host: host, port: reportedPort)
        }
    }

    /// Looks anew at each call, so that a socket that has come since is found. Costs one `stat` at most.
    package func choose() throws(RuntimeMetricsReporterError) -> Choice {
        if let option { return Choice(address: try AgentAddress(parsing: option, from: "the configuration")) }
        if let url = environment["DD_DOGSTATSD_URL"] {
            return Choice(address: try AgentAddress(parsing: url, from: "DD_DOGSTATSD_URL"))
        }
        let host = try environment.host("DD_DOGSTATSD_HOST")
        let port = try environment.port("DD_DOGSTATSD_PORT")
        if host == nil, port == nil, FilePresence.exists(socket) {
            return Choice(address: .unix(path: socket, .either))
        }
        let agentHost = try environment.host("DD_AGENT_HOST")
        return Choice(
            address: .udp(host: host ?? agentHost ?? "localhost", port: port ?? AgentAddress.defaultPort),
            takesReportedPort: port == nil)
    }
}

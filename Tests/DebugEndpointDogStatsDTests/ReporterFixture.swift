// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import Synchronization

@testable import DebugEndpointDogStatsD

/// Reporters that see nothing of this machine unless a test shows it to them.
enum ReporterFixture {
    static let readings = [
        RuntimeReading(name: "/memory/heap/in-use:bytes", value: .whole(1234), isCumulative: false),
        RuntimeReading(name: "/cpu/user:cpu-seconds", value: .decimal(1.5), isCumulative: true),
        RuntimeReading(name: "/switches:switches", value: .whole(9), isCumulative: true),
        RuntimeReading(
            name: "/sched/latencies/pool:seconds", value: .histogram(bounds: [1, 3], counts: [2, 0, 1], sum: 5.5),
            isCumulative: true),
    ]

    /// Starts an agent and a reporter for it, and ends both.
    static func report(
        _ kind: StubAgent.Kind = .udp, _ registry: VariableRegistry = VariableRegistry(),
        environment: [String: String] = [:],
        dialect: RuntimeMetricsReporter.Dialect = .dogStatsD,
        change: (inout RuntimeMetricsReporter.Configuration) -> Void = { _ in },
        during body: (StubAgent, RuntimeMetricsReporter) throws -> Void
    ) throws {
        let folder = try TemporaryFolder()
        let agent = try StubAgent(kind, path: folder.path + "/dsd.socket")
        defer { agent.stop() }
        var configuration = Self.configuration(
            agent.address, registry, environment: environment, readings: readings, dialect: dialect)
        change(&configuration)
        let reporter = try RuntimeMetricsReporter.start(configuration)
        defer { reporter.stop() }
        try body(agent, reporter)
    }

    static func configuration(
        _ address: String?, _ registry: VariableRegistry, environment: [String: String] = [:],
        readings: [RuntimeReading] = [], dialect: RuntimeMetricsReporter.Dialect = .dogStatsD, log: LogLines? = nil
    ) -> RuntimeMetricsReporter.Configuration {
        var configuration = RuntimeMetricsReporter.Configuration(
            address: address, registry: registry, sendsRegistry: true, dialect: dialect)
        configuration.interval = .milliseconds(100)
        configuration.log = { line in log?.add(line) }
        configuration.surroundings.environment = ProcessEnvironment(environment)
        configuration.surroundings.dogstatsdSocket = "/nonexistent/dsd.socket"
        configuration.surroundings.agentSocket = "/nonexistent/apm.socket"
        configuration.surroundings.container = ContainerIdentity(procfs: "/nonexistent", cgroups: "/nonexistent")
        configuration.surroundings.makeRuntimeReader = { { readings } }
        return configuration
    }
}

/// What a reporter wrote to its log.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

extension VariableRegistry {
    /// Empty when there is none; "?" when the variable is missing.
    var problemOfReporter: String {
        if case .text(let problem) = snapshot()["dogstatsd_problem"] { problem } else { "?" }
    }

    /// A counter's value; for a family, that of the member with this label value.
    func count(_ name: String, _ label: String? = nil) -> UInt64 {
        switch snapshot()[name] {
        case .counter(let value): return value
        case .family(let family):
            guard case .counter(let value)? = family.members.first(where: { $0.labels == [label ?? ""] })?.value else {
                return 0
            }
            return value
        default: return 0
        }
    }
}

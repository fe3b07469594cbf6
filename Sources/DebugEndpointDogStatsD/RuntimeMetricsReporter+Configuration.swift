// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
public import DebugVariables
import Glibc

extension RuntimeMetricsReporter {
    /// Everything a reporter can be told. Without any of it, it does what the environment of a Datadog service says.
    public struct Configuration: Sendable {
        /// Where the agent is: `host:port`, `unix:///path`, `unixgram:///path` or `unixstream:///path`. Nil looks as Datadog's
        /// clients do: `DD_DOGSTATSD_URL`, `DD_DOGSTATSD_HOST` and `DD_DOGSTATSD_PORT`, the socket
        /// `/var/run/datadog/dsd.socket` where it exists, then `DD_AGENT_HOST` or localhost with the port that the agent's
        /// `/info` reports, else 8125.
        public var address: String?

        /// Where the reporter's own figures appear, `dogstatsd_…`, and what is sent with ``sendsRegistry``.
        public var registry: VariableRegistry

        /// Sends the registry's variables too, not only the runtime metrics.
        public var sendsRegistry: Bool

        /// From one round to the next: 0.1 s to an hour.
        public var interval: Duration = .seconds(10)

        /// Tags of every line besides those of `DD_TAGS`, such as `team:search`; not for the plain dialect.
        public var tags: [String] = []

        /// Stands before every name, such as `shop.`. Empty, or a letter and letters, digits, `_` and `.` after it.
        public var prefix = ""

        /// What the receiver understands.
        public var dialect: Dialect

        /// Sends what Datadog's clients tell of themselves, `datadog.dogstatsd.client.…`; not in the plain dialect.
        public var sendsTelemetry = true

        /// Takes one line when the agent cannot be reached and when it is back; standard error unless set.
        public var log: @Sendable (String) -> Void = { line in
            let bytes = Array(("debug-endpoint: " + line + "\n").utf8)
            _ = write(STDERR_FILENO, bytes, bytes.count)
        }

        /// What tests replace.
        package var surroundings = Surroundings()

        public init(
            address: String? = nil, registry: VariableRegistry = .shared, sendsRegistry: Bool = false,
            dialect: Dialect = .dogStatsD
        ) {
            self.address = address
            self.registry = registry
            self.sendsRegistry = sendsRegistry
            self.dialect = dialect
        }
    }

    /// How lines are written.
    public enum Dialect: Sendable, Equatable {
        /// With tags, origin, timestamps and distributions, for the Datadog agent.
        case dogStatsD
        /// Name, value and type alone, for any StatsD server. Label values become parts of the name, totals that are whole
        /// numbers are counts, and a histogram is its count and sum. Before a negative gauge comes a 0, because a sign makes it
        /// a change at many servers.
        case plain
    }

    /// The process and the machine as the reporter sees them.
    package struct Surroundings: Sendable {
        package var environment = ProcessEnvironment.current
        package var dogstatsdSocket = AddressRules.usualSocket
        package var agentSocket = AgentReport.usualSocket
        package var container = ContainerIdentity()
        package var wallClock: @Sendable () -> Int64 = { Int64(time(nil)) }
        /// Makes what reads the runtime metrics, on the thread that then calls it each round.
        package var makeRuntimeReader: @Sendable () -> () -> [RuntimeReading] = { RuntimeSource.makeReader() }
        package var bufferLimit = 1 << 20

        package init() {}
    }
}

extension RuntimeMetricsReporter.Configuration {
    func check() throws(RuntimeMetricsReporterError) {
        guard interval >= .milliseconds(100), interval <= .seconds(3600) else {
            throw RuntimeMetricsReporterError(
                .invalidConfiguration, "an interval of \(interval) was asked for: give 0.1 s to an hour (default 10 s)")
        }
        guard
            prefix.isEmpty
                || (MetricName.isSendable(prefix) && MetricName.cleaned(prefix[...], keepsDots: true) == prefix)
        else {
            throw RuntimeMetricsReporterError(
                .invalidConfiguration,
                "the prefix does not begin with a letter, or has more than 200 characters or others than letters, digits, _ "
                    + "and .: give one such as shop.")
        }
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// The environment variables, read once; a variable that is empty counts as not set.
package struct ProcessEnvironment: Sendable {
    private let values: [String: String]

    package init(_ values: [String: String]) {
        self.values = values
    }

    /// Those of this process that the reporter knows.
    package static var current: ProcessEnvironment {
        let names = [
            "DD_AGENT_HOST", "DD_CARDINALITY", "DATADOG_CARDINALITY", "DD_DOGSTATSD_HOST", "DD_DOGSTATSD_PORT",
            "DD_DOGSTATSD_URL", "DD_ENTITY_ID", "DD_ENV", "DD_EXTERNAL_ENV", "DD_ORIGIN_DETECTION_ENABLED",
            "DD_RUNTIME_METRICS_ENABLED", "DD_SERVICE", "DD_TAGS", "DD_TRACE_AGENT_PORT", "DD_TRACE_AGENT_URL",
            "DD_VERSION",
        ]
        var values: [String: String] = [:]
        for name in names { values[name] = getenv(name).map { String(cString: $0) } }
        return ProcessEnvironment(values)
    }

    package subscript(name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    /// A switch, as Datadog's libraries read it; nil when it is not set or says neither.
    func flag(_ name: String) -> Bool? {
        switch self[name]?.lowercased() {
        case "1", "t", "true": true
        case "0", "f", "false": false
        default: nil
        }
    }

    func host(_ name: String) throws(RuntimeMetricsReporterError) -> String? {
        guard let text = self[name] else { return nil }
        guard !text.contains("/"), let (host, port) = HostAndPort.split(text[...]), port == nil else {
            throw RuntimeMetricsReporterError(
                .invalidAddress, "\(name) is not a host name or address: give one without scheme and port")
        }
        return host
    }

    func port(_ name: String) throws(RuntimeMetricsReporterError) -> UInt16? {
        guard let text = self[name] else { return nil }
        guard let port = HostAndPort.port(text) else {
            throw RuntimeMetricsReporterError(.invalidAddress, "\(name) is not a port: give 1 to 65535")
        }
        return port
    }
}

enum FilePresence {
    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }
}

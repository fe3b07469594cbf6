// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Every metric: its description, where its value comes from, and which figure of that it is.
package enum MetricTable {
    /// Sorted by name.
    package static let rows: [MetricRow] =
        (processorRows + schedulingRows + memoryRows + heapRows + fileRows + processRows + cgroupRows + pressureRows
        + leakRows).sorted { $0.description.name < $1.description.name }

    static let indexes: [String: Int] = Dictionary(
        rows.enumerated().map { ($0.element.description.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
}

/// A figure as a source gives it.
package enum MetricNumber: Sendable, Equatable {
    case uint64(UInt64)
    case double(Double)
}

/// One metric.
package struct MetricRow: Sendable {
    package let description: RuntimeMetrics.Description
    let source: MetricSource
    let value: MetricValue

    /// Which figure of the source it is. The closures capture nothing, so calling them allocates nothing.
    enum MetricValue: Sendable {
        case count(@Sendable (MetricReadings) -> UInt64?)
        case number(@Sendable (MetricReadings) -> Double?)
        case histogram(SchedulingProbe.Queue)

        var kind: RuntimeMetrics.Kind {
            switch self {
            case .count: .uint64
            case .number: .double
            case .histogram: .histogram
            }
        }
    }

    init(
        _ name: String, _ sentence: String, _ source: MetricSource, _ value: MetricValue, cumulative: Bool = false,
        basis: RuntimeMetrics.Basis = .exact, prometheus: String? = nil
    ) {
        description = RuntimeMetrics.Description(
            name: name, description: sentence, kind: value.kind, isCumulative: cumulative, basis: basis,
            prometheusName: prometheus ?? Self.prometheusName(name, value.kind, cumulative: cumulative))
        self.source = source
        self.value = value
    }

    /// `swift_`, the path, the unit where the path does not end in it, and `_total` for what counts up. As client_golang does it
    /// for Go's names.
    private static func prometheusName(_ name: String, _ kind: RuntimeMetrics.Kind, cumulative: Bool) -> String {
        let parts = name.dropFirst().split(separator: ":").map { part in
            String(part.map { $0 == "/" || $0 == "-" ? "_" : $0 })
        }
        let (path, unit) = (parts.first ?? "", parts.last ?? "")
        let hasUnit = path == unit || path.hasSuffix("_" + unit)
        let total = cumulative && kind != .histogram
        return "swift_" + path + (hasUnit ? "" : "_" + unit) + (total ? "_total" : "")
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A metric that is not a variable of a registry: what the process and the kernel know about this process.
package struct ExtraMetric: Sendable {
    package let name: String
    package let help: String
    package let unit: String
    package let isCounter: Bool
    /// A counter, a gauge or a histogram. A counter that is no whole number is given as a gauge.
    package let value: VariableValue

    package init(_ name: String, help: String, unit: String = "", isCounter: Bool = false, value: VariableValue) {
        self.name = name
        self.help = help
        self.unit = unit
        self.isCounter = isCounter
        self.value = value
    }
}

extension ExtraMetric {
    var kind: VariableKind {
        if case .histogram = value { return .histogram }
        return isCounter ? .counter : .gauge
    }
}

/// Metrics that have been written already, for answers that do not change as often as they are asked for.
package struct WrittenMetrics: Sendable {
    let metrics: [ExtraMetric]
    /// In one format.
    let text: [UInt8]
    /// What the names begin with, up to the first underscore: only a variable that begins so can have taken one of them.
    let stems: Set<String>

    package init(_ metrics: [ExtraMetric], _ format: ExpositionFormat) {
        self.metrics = metrics
        var exposition = Exposition(format: format, text: TextWriter(capacity: metrics.count * 256))
        for metric in metrics { exposition.write(metric) }
        text = exposition.text.finish()
        stems = Set(metrics.map { String($0.name.prefix { $0 != "_" }) })
    }
}

extension Exposition {
    mutating func write(_ metric: ExtraMetric) {
        let texts = VariableTexts(name: metric.name, help: metric.help, unit: metric.unit)
        defer { texts.free() }
        write(Metadata(texts, metric.kind), metric.value)
    }
}

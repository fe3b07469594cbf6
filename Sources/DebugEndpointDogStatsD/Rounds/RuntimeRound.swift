// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// One reading of the runtime metrics, as lines.
struct RuntimeRound {
    let writer: LineWriter

    /// At Datadog totals are gauges, as those of Go's runtime are; elsewhere those that are whole numbers are counts.
    func write(_ readings: [RuntimeReading]) {
        for reading in readings {
            let name = MetricName.ofRuntimeMetric(reading.name)
            guard writer.claim(name) else { continue }
            let isCount = reading.isCumulative && writer.format.dialect == .plain
            switch reading.value {
            case .whole(let total) where isCount: writer.count(name, total: total)
            case .whole(let number): writer.gauge(name, .whole(number))
            case .decimal(let number): writer.gauge(name, .decimal(number))
            case .histogram(let bounds, let counts, let sum):
                HistogramLines(name: name, tags: "", bounds: bounds, buckets: counts, sum: sum).write(to: writer)
            }
        }
        writer.gauge(MetricName.runtimePrefix + "enabled", .whole(1))
    }
}

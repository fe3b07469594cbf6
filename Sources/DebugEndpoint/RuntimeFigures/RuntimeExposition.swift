// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The runtime metrics as /metrics and /debug/vars show them. An answer is kept for a hundred times as long as reading and writing
// it took, 50 ms at least: else those pages would cost what some hundred small files do, however often they are asked for.
import DebugVariables
import Glibc
import RuntimeMetrics

enum RuntimeExposition {
    private static let prometheus = CostlyReading { WrittenMetrics(metrics(), .prometheus) }
    private static let openMetrics = CostlyReading { WrittenMetrics(metrics(), .openMetrics) }
    private static let object = CostlyReading { expvarObject() }

    /// For `/metrics`, as they were a moment ago.
    static func recent(_ format: ExpositionFormat) -> WrittenMetrics {
        switch format {
        case .prometheus: prometheus.current
        case .openMetrics: openMetrics.current
        }
    }

    /// For `/debug/vars`, as they were a moment ago.
    static var recentObject: [UInt8] { object.current }

    /// For `/metrics`. What is absent is left out.
    static func metrics() -> [ExtraMetric] {
        var metrics = RuntimeMetrics.readPresent().map { ExtraMetric($0.description, $0.value) }
        // Scrapers know the limit as infinite where there is none, which a runtime metric never is.
        if !metrics.contains(where: { $0.name == addressSpaceLimit }),
            let row = RuntimeMetrics.all.first(where: { $0.prometheusName == addressSpaceLimit })
        {
            metrics.append(ExtraMetric(row, .double(.infinity)))
        }
        return metrics.sorted { $0.name < $1.name }
    }

    /// For `/debug/vars`: an object from names as in `/metrics` to values. Names of metrics themselves have slashes, which
    /// readers of expvar take for a path. What is absent is left out.
    static func expvarObject() -> [UInt8] {
        let members = RuntimeMetrics.readPresent().sorted {
            $0.description.prometheusName < $1.description.prometheusName
        }
        var writer = TextWriter(capacity: 8192)
        for (index, member) in members.enumerated() {
            writer.write(index == 0 ? "{" : ", ")
            writer.writeQuoted(member.description.prometheusName, style: .expvar)
            writer.write(": ")
            writer.write(runtimeValue: member.value)
        }
        writer.write(members.isEmpty ? "{}" : "}")
        return writer.finish()
    }

    private static let addressSpaceLimit = "process_virtual_memory_max_bytes"
}

extension ExtraMetric {
    fileprivate init(_ row: RuntimeMetrics.Description, _ value: RuntimeMetrics.Value) {
        let unit = row.unit.map { $0 == "-" ? "_" : $0 }
        let reading: VariableValue =
            switch value {
            case .uint64(let count): row.isCumulative ? .counter(count) : .gauge(Double(count))
            case .double(let number): .gauge(number)
            case .histogram(let histogram):
                .histogram(HistogramSnapshot(bounds: histogram.bounds, buckets: histogram.counts, sum: histogram.sum))
            case .absent, .unknown: .gauge(.nan)  // never here: only what is present is shown
            }
        self.init(
            row.prometheusName, help: row.description, unit: String(unit), isCounter: row.isCumulative, value: reading)
    }
}

extension TextWriter {
    /// A value as JSON; null for what is absent. Histograms as `/debug/vars` shows others.
    mutating func write(runtimeValue value: RuntimeMetrics.Value) {
        switch value {
        case .uint64(let count): write(count)
        case .double(let number): writeShortest(number)
        case .absent, .unknown: write("null")
        case .histogram(let histogram):
            var total: UInt64 = 0
            write("{\"buckets\": {")
            for (index, count) in histogram.counts.enumerated() {
                write(index == 0 ? "\"" : ", \"")
                if index < histogram.bounds.count {
                    writeShortest(histogram.bounds[index])
                } else {
                    write("+Inf")
                }
                write("\": ")
                write(count)
                total &+= count
            }
            write("}, \"count\": ")
            write(total)
            write(", \"sum\": ")
            writeShortest(histogram.sum)
            write("}")
        }
    }
}

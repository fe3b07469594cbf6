// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import MicroHTTP
import RuntimeMetrics

/// `/debug/metrics`: every runtime metric with its description and its value now. What is absent is shown as such.
struct RuntimeMetricsPage {
    static let path = "/debug/metrics"
    static let parameters = [Parameter(name: "match", kind: .textPatterns), PageFormat.parameter]

    struct Row {
        let metric: RuntimeMetrics.Description
        let value: RuntimeMetrics.Value
    }
    let rows: [Row]
    let patterns: String?

    static func answer(_ request: RouteRequest) -> Response {
        let isWanted = request.query.filter("match")
        let metrics = RuntimeMetrics.all.filter { metric in
            isWanted.map { $0(metric.name) || $0(metric.prometheusName) } ?? true
        }
        let samples = RuntimeMetrics.read(metrics.map(\.name))
        let page = RuntimeMetricsPage(
            rows: zip(metrics, samples).map { Row(metric: $0, value: $1.value) }, patterns: request.query.text("match"))
        let format = PageFormat(request)
        return format.response(page.body(format))
    }

    func body(_ format: PageFormat) -> [UInt8] {
        switch format {
        case .json: json()
        case .text: text()
        case .html: html()
        }
    }

    /// One metric on a line.
    func json() -> [UInt8] {
        var writer = TextWriter(capacity: 64 + rows.count * 256)
        writer.write("{\"metrics\": [")
        for (index, row) in rows.enumerated() {
            writer.write(index == 0 ? "\n{\"name\": " : ",\n{\"name\": ")
            writer.writeQuoted(row.metric.name, style: .encodingJSON)
            writer.write(", \"kind\": ")
            writer.writeQuoted(row.metric.kind.rawValue, style: .encodingJSON)
            writer.write(row.metric.isCumulative ? ", \"cumulative\": true" : ", \"cumulative\": false")
            writer.write(", \"basis\": ")
            writer.writeQuoted(row.metric.basis.rawValue, style: .encodingJSON)
            writer.write(", \"description\": ")
            writer.writeQuoted(row.metric.description, style: .encodingJSON)
            writer.write(", \"prometheus\": ")
            writer.writeQuoted(row.metric.prometheusName, style: .encodingJSON)
            writer.write(", \"value\": ")
            writer.write(runtimeValue: row.value)
            writer.write("}")
        }
        writer.write("\n]}\n")
        return writer.finish()
    }

    private func text() -> [UInt8] {
        let values = rows.map { Self.shown($0.value) }
        let nameWidth = rows.map(\.metric.name.count).max() ?? 0
        let valueWidth = values.map(\.count).max() ?? 0
        var writer = TextWriter(capacity: 64 + rows.count * 200)
        for (row, value) in zip(rows, values) {
            writer.write(string: row.metric.name)
            writer.write(UInt8(ascii: " "), count: nameWidth - row.metric.name.count + 2 + valueWidth - value.count)
            writer.write(string: value)
            writer.write("  ")
            writer.write(string: row.metric.description + Self.note(row.metric))
            writer.write("\n")
        }
        return writer.finish()
    }

    private func html() -> [UInt8] {
        var page = HTMLWriter(title: "runtime metrics", style: Self.style)
        page.raw(
            "<form method=\"get\" action=\"\(Self.path)\">\n<label>name <input name=\"match\" required maxlength=\"")
        page.raw("\(Parameter.longest)\" value=\"")
        page.text(patterns ?? "*")
        page.raw("\"></label>\n<button>Show</button>\n</form>\n<p><a href=\"/debug/\">index</a></p>\n")
        page.raw("<table>\n<tr><th>name</th><th class=\"value\">value</th><th>what it is</th></tr>\n")
        for row in rows {
            page.raw("<tr><td class=\"name\">")
            page.text(row.metric.name)
            page.raw("</td><td class=\"value\">")
            page.text(Self.shown(row.value))
            page.raw("</td><td>")
            page.text(row.metric.description + Self.note(row.metric))
            page.raw("</td></tr>\n")
        }
        page.raw("</table>\n")
        return page.finish()
    }

    /// A number, or how many values a histogram has and their mean.
    private static func shown(_ value: RuntimeMetrics.Value) -> String {
        switch value {
        case .uint64(let count): return String(count)
        case .double(let number):
            var writer = TextWriter(capacity: 64)
            writer.writeShortest(number)
            return String(decoding: writer.finish(), as: UTF8.self)
        case .histogram(let histogram):
            let count = histogram.counts.reduce(0, &+)
            guard count > 0 else { return "0 values" }
            return "\(count) values, mean \(shown(.double(histogram.sum / Double(count))))"
        case .absent, .unknown: return "absent"
        }
    }

    private static func note(_ metric: RuntimeMetrics.Description) -> String {
        switch metric.basis {
        case .exact: ""
        case .lowerBound: " (lower bound)"
        case .sampled: " (sampled)"
        }
    }

    private static let style = """
        .name, .value { font: 13px/1.45 ui-monospace, monospace }
        .value { text-align: right; white-space: nowrap }

        """
}

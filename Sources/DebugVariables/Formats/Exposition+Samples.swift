// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension Exposition {
    /// The labels of one sample: a member of a family.
    struct Labels {
        let family: FamilySnapshot
        let row: Int
    }

    /// A line for each member; that of a counter in as few steps as can be, because families are what is long.
    mutating func write(_ name: Name, _ family: FamilySnapshot) {
        var start = TextWriter(capacity: 128)
        start.write("", name.base, name.suffix)
        start.write("{")
        start.write(string: family.labels[0])
        start.write("=\"")
        let prefix = start.finish()
        let hasOneLabel = family.labels.count == 1
        for row in family.values.indices {
            switch family.values[row] {
            case .counter(let count) where hasOneLabel:
                text.write(bytes: prefix)
                family.labelValues.withCell(row, 0) { writeEscaped($0, quote: true) }
                text.write("\"} ")
                text.write(count)
                text.write("\n")
            default: write(name, Labels(family: family, row: row), family.values[row])
            }
        }
    }

    mutating func write(_ name: Name, _ labels: Labels?, _ value: borrowing VariableValue) {
        switch value {
        case .counter(let count):
            begin(name, labels)
            end(count)
        case .gauge(let number):
            begin(name, labels)
            end(number)
        case .text(let string):
            guard !string.isEmpty else { return }  // an empty label is no label
            begin(name, labels, extra: ("value", string))
            end(1 as UInt64)
        case .histogram(let histogram): write(name, labels, histogram)
        case .computed, .failed, .family: return  // never a member of a family
        }
    }

    private mutating func write(_ name: Name, _ labels: Labels?, _ histogram: HistogramSnapshot) {
        var cumulative: UInt64 = 0
        for (index, bucket) in histogram.buckets.enumerated() {
            cumulative &+= bucket
            let bound = index < histogram.bounds.count ? histogram.bounds[index] : .infinity
            begin(name, suffix: "_bucket", labels, bound: bound)
            text.write(cumulative)
            if format == .openMetrics, let exemplar = histogram.exemplars[index] { write(exemplar) }
            text.write("\n")
        }
        // OpenMetrics has no sum where values may be negative, and no count without a sum.
        if format == .openMetrics, histogram.bounds.first ?? 0 < 0 { return }
        begin(name, suffix: "_count", labels)
        end(cumulative)
        begin(name, suffix: "_sum", labels)
        end(histogram.sum)
    }

    private mutating func write(_ exemplar: Exemplar) {
        text.write(" # {")
        for (index, name) in exemplar.labels.keys.sorted().enumerated() {
            if index > 0 { text.write(",") }
            write(label: name, exemplar.labels[name] ?? "")
        }
        text.write("} ")
        write(exemplar.value)
    }

    /// Numbers and booleans; those inside objects and arrays get their place as the label `key`, joined by slashes. As in
    /// a JSON Pointer a slash inside a key is `~1` and a tilde `~0`, so that no two places look the same.
    mutating func write(_ name: Name, _ json: JSONValue, path: String? = nil) {
        switch json {
        case .int(let number):
            beginComputed(name, path: path)
            text.write(number)
            text.write("\n")
        case .double(let number):
            beginComputed(name, path: path)
            end(number)
        case .bool(let flag):
            beginComputed(name, path: path)
            end(flag ? 1 as UInt64 : 0)
        case .object(let members):
            for key in members.keys.sorted(by: { $0.precedesInBytes($1) }) {
                let step = key.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.joined()
                write(name, members[key] ?? .null, path: path.map { $0 + "/" + step } ?? step)
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                write(name, element, path: path.map { $0 + "/" + String(index) } ?? String(index))
            }
        case .null, .string: return
        }
    }

    private mutating func beginComputed(_ name: Name, path: String?) {
        begin(name, nil, extra: path.map { ("key", $0) })
    }

    /// Everything of a sample line before its value.
    private mutating func begin(
        _ name: Name, suffix: StaticString = "", _ labels: Labels?, extra: (String, String)? = nil, bound: Double? = nil
    ) {
        text.write("", name.base, name.suffix)
        text.write(suffix)
        var separator: StaticString = "{"
        if let labels {
            for column in labels.family.labels.indices {
                text.write(separator)
                text.write(string: labels.family.labels[column])
                text.write("=\"")
                labels.family.labelValues.withCell(labels.row, column) { writeEscaped($0, quote: true) }
                text.write("\"")
                separator = ","
            }
        }
        if let (name, value) = extra {
            text.write(separator)
            write(label: name, value)
            separator = ","
        }
        if let bound {
            text.write(separator)
            text.write("le=\"")
            write(bound)
            text.write("\"")
        }
        text.write(labels == nil && extra == nil && bound == nil ? " " : "} ")
    }

    private mutating func end(_ count: UInt64) {
        text.write(count)
        text.write("\n")
    }

    private mutating func end(_ number: Double) {
        write(number)
        text.write("\n")
    }

    /// OpenMetrics wants the canonical form of a bound, in which a whole number has a point.
    private mutating func write(_ number: Double) {
        guard number.isFinite else { return text.write(number.isNaN ? "NaN" : number < 0 ? "-Inf" : "+Inf") }
        let before = text.count
        text.writeShortest(number)
        let looksWhole = !text.contains(from: before) { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") }
        if format == .openMetrics, looksWhole { text.write(".0") }
    }

    private mutating func write(label: String, _ value: String) {
        text.write(string: label)
        text.write("=\"")
        writeEscaped(value, quote: true)
        text.write("\"")
    }

    private mutating func writeEscaped(_ value: String, quote: Bool) {
        var value = value
        value.withUTF8 { writeEscaped($0, quote: quote) }
    }

    mutating func writeEscaped(_ utf8: Bytes, quote: Bool) {
        var plainFrom = 0
        for (index, byte) in utf8.enumerated() {
            let escape: StaticString
            switch byte {
            case UInt8(ascii: "\\"): escape = "\\\\"
            case UInt8(ascii: "\n"): escape = "\\n"
            case UInt8(ascii: "\"") where quote: escape = "\\\""
            default: continue
            }
            text.write(bytes: Bytes(rebasing: utf8[plainFrom..<index]))
            text.write(escape)
            plainFrom = index + 1
        }
        text.write(bytes: Bytes(rebasing: utf8[plainFrom...]))
    }
}

extension JSONValue {
    /// Whether there is anything in it that a metric can show.
    var hasNumbers: Bool {
        switch self {
        case .int, .double, .bool: true
        case .null, .string: false
        case .array(let elements): elements.contains { $0.hasNumbers }
        case .object(let members): members.values.contains { $0.hasNumbers }
        }
    }
}

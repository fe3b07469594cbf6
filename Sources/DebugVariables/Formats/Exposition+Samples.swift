// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension Exposition {
    /// The labels of one sample, in the order of the family's label names.
    struct Labels {
        let names: [String]
        let values: [String]
    }

    mutating func write(_ name: String, _ labels: Labels, _ value: VariableValue) {
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
        case .computed(let json): write(name, json, path: "")
        case .failed, .family: return
        }
    }

    private mutating func write(_ name: String, _ labels: Labels, _ histogram: HistogramSnapshot) {
        var cumulative: UInt64 = 0
        for (index, bucket) in histogram.buckets.enumerated() {
            cumulative &+= bucket
            let bound = index < histogram.bounds.count ? histogram.bounds[index] : .infinity
            begin(name, suffix: "_bucket", labels, bound: bound)
            text.write(cumulative)
            if format == .openMetrics, let exemplar = histogram.exemplars[index] { write(exemplar) }
            text.write("\n")
        }
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

    /// Numbers and booleans; those inside objects and arrays get their place as the label `key`, joined by slashes.
    private mutating func write(_ name: String, _ json: JSONValue, path: String) {
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
                write(name, members[key] ?? .null, path: path.isEmpty ? key : path + "/" + key)
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                write(name, element, path: path.isEmpty ? String(index) : path + "/" + String(index))
            }
        case .null, .string: return
        }
    }

    private mutating func beginComputed(_ name: String, path: String) {
        begin(name, Labels(names: [], values: []), extra: path.isEmpty ? nil : ("key", path))
    }

    /// Everything of a sample line before its value.
    private mutating func begin(
        _ name: String, suffix: StaticString = "", _ labels: Labels, extra: (String, String)? = nil,
        bound: Double? = nil
    ) {
        text.write(name)
        text.write(suffix)
        if !labels.names.isEmpty || extra != nil || bound != nil {
            var separator: StaticString = "{"
            for (name, value) in zip(labels.names, labels.values) {
                text.write(separator)
                write(label: name, value)
                separator = ","
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
            text.write("}")
        }
        text.write(" ")
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
        let before = text.bytes.count
        text.writeShortest(number)
        let looksWhole = !text.bytes[before...].contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") }
        if format == .openMetrics, looksWhole { text.write(".0") }
    }

    private mutating func write(label: String, _ value: String) {
        text.write(label)
        text.write("=\"")
        writeEscaped(value, quote: true)
        text.write("\"")
    }

    mutating func writeEscaped(_ value: String, quote: Bool) {
        var value = value
        value.withUTF8 { utf8 in
            var plainFrom = 0
            for (index, byte) in utf8.enumerated() {
                let escape: StaticString
                switch byte {
                case UInt8(ascii: "\\"): escape = "\\\\"
                case UInt8(ascii: "\n"): escape = "\\n"
                case UInt8(ascii: "\"") where quote: escape = "\\\""
                default: continue
                }
                text.write(bytes: UnsafeBufferPointer(rebasing: utf8[plainFrom..<index]))
                text.write(escape)
                plainFrom = index + 1
            }
            text.write(bytes: UnsafeBufferPointer(rebasing: utf8[plainFrom...]))
        }
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

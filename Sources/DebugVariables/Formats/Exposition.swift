// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The body of /metrics: Prometheus text 0.0.4, or OpenMetrics 1.0.

/// The two text formats that scrapers read.
package enum ExpositionFormat: Sendable {
    case prometheus, openMetrics
}

/// A metric that is not a variable of a registry: what the process and the kernel know about it.
package struct ExtraMetric: Sendable {
    package let name: String
    package let help: String
    package let unit: String
    package let isCounter: Bool
    package let value: Double

    package init(_ name: String, help: String, unit: String = "", isCounter: Bool = false, value: Double) {
        self.name = name
        self.help = help
        self.unit = unit
        self.isCounter = isCounter
        self.value = value
    }
}

extension VariableSnapshot {
    /// Every variable in the given format, then those of `extra` whose names no variable has taken. Variables that would
    /// write another's series are left out.
    package func exposition(_ format: ExpositionFormat, extra: [ExtraMetric] = []) -> [UInt8] {
        var exposition = Exposition(format: format, capacity: 256 + variables.count * 64)
        for (variable, value) in zip(variables, values) where unexposed.isEmpty || !unexposed.contains(variable.name) {
            exposition.write(variable, value)
        }
        for metric in extra where !isTaken(metric) {
            exposition.write(metric.metadata, .gauge(metric.value))
        }
        return exposition.finish()
    }

    private func isTaken(_ metric: ExtraMetric) -> Bool {
        ExposedNames(name: metric.name, kind: metric.metadata.kind).rival { candidate in
            let place = variables.partitionPoint { $0.name.precedesInBytes(candidate) }
            return place < variables.count && variables[place].name == candidate ? variables[place] : nil
        } != nil
    }
}

extension ExtraMetric {
    fileprivate var metadata: Exposition.Metadata {
        Exposition.Metadata(name: name, help: help, unit: unit, kind: isCounter ? .counter : .gauge)
    }
}

struct Exposition {
    /// What stands in HELP, TYPE and UNIT.
    struct Metadata {
        let name: String
        let help: String
        let unit: String
        let kind: VariableKind
    }

    let format: ExpositionFormat
    var text: TextWriter

    init(format: ExpositionFormat, capacity: Int) {
        self.format = format
        text = TextWriter(capacity: capacity)
    }

    mutating func write(_ variable: Variable, _ value: VariableValue) {
        write(
            Metadata(name: variable.name, help: variable.help, unit: variable.unit, kind: variable.kind), value)
    }

    mutating func write(_ metadata: Metadata, _ value: VariableValue) {
        if case .failed = value { return }
        if case .computed(let json) = value, !json.hasNumbers { return }
        let family = familyName(metadata)
        writeMetadata(metadata, family: family)
        let sample = sampleName(metadata, family: family)
        if case .family(let labels, let members) = value {
            for member in members {
                write(sample, Labels(names: labels, values: member.labels), member.value)
            }
        } else {
            write(sample, Labels(names: [], values: []), value)
        }
    }

    consuming func finish() -> [UInt8] {
        if format == .openMetrics { text.write("# EOF\n") }
        return text.bytes
    }

    private func familyName(_ metadata: Metadata) -> String {
        switch (metadata.kind, format) {
        case (.counter, .openMetrics): ExposedNames.base(metadata.name, without: "_total")
        case (.text, .openMetrics): ExposedNames.base(metadata.name, without: "_info")
        case (.text, .prometheus): ExposedNames.base(metadata.name, without: "_info") + "_info"
        default: metadata.name
        }
    }

    private func sampleName(_ metadata: Metadata, family: String) -> String {
        switch (metadata.kind, format) {
        case (.counter, .openMetrics): family + "_total"
        case (.text, .openMetrics): family + "_info"
        default: family
        }
    }

    private mutating func writeMetadata(_ metadata: Metadata, family: String) {
        if !metadata.help.isEmpty {
            text.write("# HELP ")
            text.write(family)
            text.write(" ")
            writeEscaped(metadata.help, quote: format == .openMetrics)
            text.write("\n")
        }
        text.write("# TYPE ")
        text.write(family)
        text.write(typeLine(metadata.kind))
        if format == .openMetrics, !metadata.unit.isEmpty, family.hasSuffix("_" + metadata.unit) {
            text.write("# UNIT ")
            text.write(family)
            text.write(" ")
            text.write(metadata.unit)
            text.write("\n")
        }
    }

    private func typeLine(_ kind: VariableKind) -> StaticString {
        switch (kind, format) {
        case (.counter, _): " counter\n"
        case (.gauge, _), (.text, .prometheus): " gauge\n"
        case (.histogram, _): " histogram\n"
        case (.text, .openMetrics): " info\n"
        case (.computed, .openMetrics): " unknown\n"
        case (.computed, .prometheus): " untyped\n"
        }
    }
}

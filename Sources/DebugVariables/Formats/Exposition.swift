// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The body of /metrics: Prometheus text 0.0.4, or OpenMetrics 1.0.

/// The two text formats that scrapers read.
package enum ExpositionFormat: Sendable {
    case prometheus, openMetrics
}

extension VariableSelection {
    /// Every variable in the given format, then those of `recent` and `extra` whose names no variable has taken, then the number
    /// of variables with problems. Variables that would write another's series are left out.
    package func exposition(
        _ format: ExpositionFormat, recent: WrittenMetrics? = nil, extra: [ExtraMetric] = []
    ) -> [UInt8] {
        var exposition = Exposition(format: format, text: expositionSize.writer)
        var troubled = Set(problems.map(\.variable))
        read { variable, value in
            if value.problem != nil { troubled.insert(variable.name) }
            guard unexposed.isEmpty || !unexposed.contains(variable.name) else { return }
            exposition.write(Exposition.Metadata(variable.texts, variable.kind), value)
        }
        if let recent, !recent.stems.contains(where: { variables.hasName(beginningWith: $0) }) {
            exposition.text.write(bytes: recent.text)
        } else {
            for metric in recent?.metrics ?? [] where !isTaken(metric) { exposition.write(metric) }
        }
        for metric in extra where !isTaken(metric) { exposition.write(metric) }
        let count = ExtraMetric(
            Self.problemsName, help: "Variables that are not shown as they were meant; /debug/vars names them.",
            value: .gauge(Double(troubled.count)))
        if !isTaken(count) { exposition.write(count) }
        let body = exposition.finish()
        expositionSize.remember(body)
        return body
    }

    private func isTaken(_ metric: ExtraMetric) -> Bool {
        ExposedNames(name: metric.name, kind: metric.kind).rival { candidate in
            variables.index(named: candidate).map { variables[$0] }
        } != nil
    }
}

struct Exposition {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    /// What stands in HELP, TYPE and UNIT. Valid as long as the texts it was made from.
    struct Metadata {
        /// The name without the suffix that the kind's samples have, where it has it.
        let base: Bytes
        let texts: VariableTexts
        let kind: VariableKind

        init(_ texts: VariableTexts, _ kind: VariableKind) {
            self.texts = texts
            self.kind = kind
            let suffix: StaticString? = kind == .counter ? "_total" : kind == .text ? "_info" : nil
            base = suffix.map { Self.base(texts.name, without: $0) } ?? texts.name
        }

        private static func base(_ name: Bytes, without suffix: StaticString) -> Bytes {
            let suffix = Bytes(start: suffix.utf8Start, count: suffix.utf8CodeUnitCount)
            guard name.count > suffix.count, name.suffix(suffix.count).elementsEqual(suffix) else { return name }
            return Bytes(rebasing: name.dropLast(suffix.count))
        }
    }

    let format: ExpositionFormat
    var text: TextWriter

    mutating func write(_ metadata: Metadata, _ value: borrowing VariableValue) {
        switch value {
        case .failed: return
        case .computed(let json):
            guard json.hasNumbers else { return }
            writeMetadata(metadata)
            write(sampleName(metadata), json)
        case .family(let family):
            writeMetadata(metadata)
            write(sampleName(metadata), family)
        case .counter(let count):
            writeMetadata(metadata)
            let name = sampleName(metadata)
            text.write("", name.base, name.isTotal ? "_total " : " ", count, "\n")
        default:
            writeMetadata(metadata)
            write(sampleName(metadata), nil, value)
        }
    }

    mutating func finish() -> [UInt8] {
        if format == .openMetrics { text.write("# EOF\n") }
        return text.finish()
    }

    /// A sample's name as two parts, so that none has to be put together.
    struct Name {
        let base: Bytes
        var isTotal = false
        var isInfo = false
        var suffix: StaticString { isTotal ? "_total" : isInfo ? "_info" : "" }
    }

    private func sampleName(_ metadata: Metadata) -> Name {
        switch (metadata.kind, format) {
        case (.counter, .openMetrics): Name(base: metadata.base, isTotal: true)
        case (.text, _): Name(base: metadata.base, isInfo: true)
        default: Name(base: metadata.texts.name)
        }
    }

    private mutating func writeMetadata(_ metadata: Metadata) {
        let family: Bytes
        let suffix: StaticString
        switch (metadata.kind, format) {
        case (_, .openMetrics): (family, suffix) = (metadata.base, " ")
        case (.text, .prometheus): (family, suffix) = (metadata.base, "_info ")
        case (_, .prometheus): (family, suffix) = (metadata.texts.name, " ")
        }
        let help = metadata.texts.help
        if !help.isEmpty {
            text.write("# HELP ", family, suffix)
            writeEscaped(help, quote: format == .openMetrics)
            text.write("\n")
        }
        text.write("# TYPE ", family, suffix)
        text.write(type(metadata.kind))
        let unit = metadata.texts.unit
        if format == .openMetrics, !unit.isEmpty, Self.ends(family, in: unit) {
            text.write("# UNIT ", family, suffix, unit, "\n")
        }
    }

    private static func ends(_ name: Bytes, in unit: Bytes) -> Bool {
        name.count > unit.count + 1 && name.suffix(unit.count).elementsEqual(unit)
            && name[name.count - unit.count - 1] == UInt8(ascii: "_")
    }

    private func type(_ kind: VariableKind) -> StaticString {
        switch (kind, format) {
        case (.counter, _): "counter\n"
        case (.gauge, _), (.text, .prometheus): "gauge\n"
        case (.histogram, _): "histogram\n"
        case (.text, .openMetrics): "info\n"
        case (.computed, .openMetrics): "unknown\n"
        case (.computed, .prometheus): "untyped\n"
        }
    }
}

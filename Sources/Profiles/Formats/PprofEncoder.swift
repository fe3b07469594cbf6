// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// pprof's profile.proto. Field numbers and rules: google/pprof, proto/profile.proto. Where that leaves a choice, this does
// what Go's runtime/pprof does, since every reader is tested with that.

extension Profile {
    /// The profile in pprof's format, not yet compressed. Every mapping is in it, also those without a sample.
    ///
    /// In labels, `'` stands for a quotation mark and `/` for a backslash, which pprof cannot draw.
    package func pprof() -> [UInt8] {
        var encoder = PprofEncoder()
        encoder.encode(self)
        return encoder.bytes
    }
}

private struct PprofEncoder {
    private var writer = ProtobufWriter()
    private var strings = Numbering<String>()
    private var functions = Numbering<Function>()

    var bytes: [UInt8] { writer.bytes }

    init() {
        _ = strings.number(of: "")  // the format demands that the first is empty
    }

    mutating func encode(_ profile: Profile) {
        for type in profile.kind.sampleTypes { encode(type, as: 1) }
        for sample in profile.samples { encode(sample) }
        let inMapping = profile.locations.map { profile.mappings.index(containing: $0.address) }
        encodeMappings(profile, inMapping)
        for (index, location) in profile.locations.enumerated() { encode(location, id: index + 1, inMapping[index]) }
        // The functions are known once the locations are written, the strings once all else is; the order is free.
        encodeFunctions()
        writer.write(9, profile.time)
        writer.write(10, profile.duration)
        if let type = profile.kind.periodType { encode(type, as: 11) }
        writer.write(12, profile.kind.period)
        writer.write(13, packed: profile.comments.map { strings.number(of: $0) })
        if let type = profile.kind.defaultSampleType, profile.kind.sampleTypes.contains(where: { $0.type == type }) {
            writer.write(14, strings.number(of: type))
        }
        for string in strings.all { writer.write(6, string) }
    }

    private mutating func encode(_ type: ValueType, as field: UInt64) {
        let name = strings.number(of: type.type)
        let unit = strings.number(of: type.unit)
        writer.message(field) { message in
            message.write(1, name)
            message.write(2, unit)
        }
    }

    private mutating func encode(_ sample: Profile.Sample) {
        // The format cannot tell an empty text from none, and readers would take it for the number 0.
        let labels = sample.labels.filter { $0.value != .text("") }.map { numbers(of: $0) }
        writer.message(2) { message in
            message.write(1, packed: sample.stack.lazy.map { UInt64($0 + 1) })
            message.write(2, packed: sample.values.lazy.map { UInt64(bitPattern: $0) })
            for label in labels {
                message.message(3) { message in
                    message.write(1, label.key)
                    message.write(2, label.text)
                    message.write(3, label.number)
                    message.write(4, label.unit)
                }
            }
        }
    }

    private mutating func numbers(of label: Label) -> (key: UInt64, text: UInt64, number: Int64, unit: UInt64) {
        let key = strings.number(of: Self.drawable(label.key))
        return switch label.value {
        case .text(let text): (key, strings.number(of: Self.drawable(text)), 0, 0)
        case .number(let number, let unit): (key, 0, number, strings.number(of: unit))
        }
    }

    /// pprof writes labels into Graphviz's quotation marks as they are: one with a quotation mark would spoil every graph.
    private static func drawable(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else { return text }
        let scalars = text.unicodeScalars.map { $0 == "\"" ? "'" : $0 == "\\" ? "/" : $0 }
        return String(String.UnicodeScalarView(scalars))
    }

    private mutating func encodeMappings(_ profile: Profile, _ inMapping: [Int?]) {
        // pprof looks up every place of a mapping that lacks has_functions, those with a name too, and replaces Swift names by
        // mangled ones where it finds the file. So a place without a name, such as a stub of the linker, must not count.
        var hasFunctions = [Bool](repeating: false, count: profile.mappings.mappings.count)
        for (location, mapping) in zip(profile.locations, inMapping) {
            if let mapping, location.isResolved { hasFunctions[mapping] = true }
        }
        for (index, mapping) in profile.mappings.mappings.enumerated() {
            let file = strings.number(of: mapping.file)
            let buildID = strings.number(of: mapping.buildID)
            writer.message(3) { message in
                message.write(1, UInt64(index + 1))
                message.write(2, UInt64(mapping.start))
                message.write(3, UInt64(mapping.limit))
                message.write(4, UInt64(mapping.fileOffset))
                message.write(5, file)
                message.write(6, buildID)
                message.write(7, hasFunctions[index])
            }
        }
    }

    private mutating func encode(_ location: Location, id: Int, _ mapping: Int?) {
        let lines = location.lines.map { (function: functions.number(of: $0.function) + 1, line: Int64($0.line)) }
        writer.message(4) { message in
            message.write(1, UInt64(id))
            message.write(2, mapping.map { UInt64($0 + 1) } ?? 0)
            message.write(3, UInt64(location.address))
            for line in lines {
                message.message(4) { message in
                    message.write(1, line.function)
                    message.write(2, line.line)
                }
            }
        }
    }

    private mutating func encodeFunctions() {
        for (index, function) in functions.all.enumerated() {
            let name = strings.number(of: function.name)
            let systemName = strings.number(of: function.systemName)
            let file = strings.number(of: function.file)
            writer.message(5) { message in
                message.write(1, UInt64(index + 1))
                message.write(2, name)
                message.write(3, systemName)
                message.write(4, file)
            }
        }
    }
}

/// Numbers different values from 0, in the order in which they come.
private struct Numbering<Value: Hashable> {
    private(set) var all: [Value] = []
    private var numbers: [Value: UInt64] = [:]

    mutating func number(of value: Value) -> UInt64 {
        if let number = numbers[value] { return number }
        let number = UInt64(all.count)
        numbers[value] = number
        all.append(value)
        return number
    }
}

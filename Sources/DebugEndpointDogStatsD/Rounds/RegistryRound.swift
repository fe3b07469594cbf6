// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables

/// One reading of a registry, as lines.
struct RegistryRound {
    let writer: LineWriter

    /// Closures of computed variables run here, on the reporter's thread.
    func write(_ registry: VariableRegistry) {
        let snapshot = registry.snapshot()
        for (variable, value) in zip(snapshot.variables, snapshot.values) {
            let name = MetricName.ofVariable(variable.name)
            if name.utf8.contains(UInt8(ascii: ".")), !writer.claim(name) { continue }
            if case .family(let family) = value {
                write(name, family)
            } else {
                write(name, tags: "", value)
            }
        }
    }

    private func write(_ name: String, _ family: FamilySnapshot) {
        for member in family.members {
            switch writer.format.dialect {
            case .dogStatsD:
                let tags = zip(family.labels, member.labels).map { label, value in
                    "\(label):\(TagList.cleanedValue(value))"
                }
                let joined = tags.joined(separator: ",")
                // Label values that differ only in what a tag cannot carry.
                guard writer.claim(name, tags: joined) else { continue }
                write(name, tags: joined, member.value)
            case .plain:
                let name = ([name] + member.labels.map(MetricName.part)).joined(separator: ".")
                guard writer.claim(name) else { continue }
                write(name, tags: "", member.value)
            }
        }
    }

    private func write(_ name: String, tags: String, _ value: VariableValue) {
        switch value {
        case .counter(let total): writer.count(name, tags: tags, total: total)
        case .gauge(let number): writer.gauge(name, tags: tags, .decimal(number))
        case .histogram(let histogram):
            HistogramLines(
                name: name, tags: tags, bounds: histogram.bounds, buckets: histogram.buckets, sum: histogram.sum
            ).write(to: writer)
        case .computed(let json): write(name, tags: tags, json)
        case .text, .failed, .family: break  // no number; families have no families
        }
    }

    private func write(_ name: String, tags: String, _ json: JSONValue) {
        switch json {
        case .int(let number):
            writer.gauge(name, tags: tags, number >= 0 ? .whole(UInt64(number)) : .decimal(Double(number)))
        case .double(let number): writer.gauge(name, tags: tags, .decimal(number))
        case .object(let members):
            for (key, value) in members.sorted(by: { $0.key < $1.key }) { writePart(name, key, tags: tags, value) }
        case .array(let elements):
            for (index, value) in elements.enumerated() { writePart(name, String(index), tags: tags, value) }
        case .null, .bool, .string: break
        }
    }

    private func writePart(_ name: String, _ key: String, tags: String, _ value: JSONValue) {
        switch value {
        case .int, .double:
            let name = name + "." + MetricName.part(key)
            if claim(name, tags) { write(name, tags: tags, value) }
        case .object, .array: write(name + "." + MetricName.part(key), tags: tags, value)
        case .null, .bool, .string: break
        }
    }

    private func claim(_ name: String, _ tags: String) -> Bool {
        writer.claim(name, tags: tags)
    }
}

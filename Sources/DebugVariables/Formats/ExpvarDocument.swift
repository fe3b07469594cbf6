// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The body of /debug/vars: byte for byte what Go's expvar prints for the same integers, floats, strings and maps, and
// valid JSON where Go's is not.

extension VariableSnapshot {
    /// Name of the member that lists what could not be shown as it was meant; there only if there is something.
    package static let problemsName = "debug_endpoint_problems"

    /// One line for each variable and each of `extra`, whose values are JSON already, sorted by name. A variable that has
    /// the name of an extra one is left out and listed under the problems.
    package func expvarDocument(extra: [(name: String, json: [UInt8])] = []) -> [UInt8] {
        var document = ExpvarDocument(capacity: 64 + variables.count * 48)
        var problems = problems.map { ($0.variable, $0.sentence) }
        var extra = extra.sorted { $0.name.precedesInBytes($1.name) }[...]
        for (variable, value) in zip(variables, values) {
            while let first = extra.first, first.name.precedesInBytes(variable.name) {
                document.write(first.name, json: first.json)
                extra.removeFirst()
            }
            if extra.first?.name == variable.name || variable.name == Self.problemsName {
                problems.append((variable.name, "the endpoint itself uses this name; the variable is not exported"))
                continue
            }
            if let problem = document.write(variable.name, value) { problems.append((variable.name, problem)) }
        }
        for rest in extra { document.write(rest.name, json: rest.json) }
        return document.finish(problems: problems)
    }
}

private struct ExpvarDocument {
    private var text: TextWriter
    private var isEmpty = true
    /// Where the problems' line belongs, once a later name was written.
    private var placeOfProblems: Int?

    init(capacity: Int) {
        text = TextWriter(capacity: capacity)
        text.write("{\n")
    }

    /// Returns what was wrong with the value, if anything was.
    mutating func write(_ name: String, _ value: VariableValue) -> String? {
        begin(name)
        let notFinite = write(value)
        return notFinite == 0
            ? nil : "\(notFinite == 1 ? "a number" : "\(notFinite) numbers") that JSON cannot carry, written as null"
    }

    mutating func write(_ name: String, json: [UInt8]) {
        begin(name)
        text.write(bytes: json)
    }

    consuming func finish(problems: [(name: String, sentence: String)]) -> [UInt8] {
        if !problems.isEmpty { insert(problems) }
        text.write("\n}\n")
        return text.bytes
    }

    private mutating func begin(_ name: String) {
        if placeOfProblems == nil, VariableSnapshot.problemsName.precedesInBytes(name) {
            placeOfProblems = text.bytes.count
        }
        if !isEmpty { text.write(",\n") }
        isEmpty = false
        key(name)
    }

    private mutating func key(_ name: String) {
        text.writeQuoted(name, style: .expvar)
        text.write(": ")
    }

    /// Returns how many numbers had to be written as null.
    private mutating func write(_ value: VariableValue) -> Int {
        switch value {
        case .counter(let count): text.write(count)
        case .gauge(let number): return write(number)
        case .text(let string): text.writeQuoted(string, style: .expvar)
        case .computed(let json): return text.write(json)
        case .failed: text.write("null")
        case .histogram(let histogram): return write(histogram)
        case .family(let labels, let members): return write(members[...], label: 0, of: labels.count)
        }
        return 0
    }

    private mutating func write(_ number: Double) -> Int {
        guard number.isFinite else {
            text.write("null")
            return 1
        }
        text.writeShortest(number)
        return 0
    }

    private mutating func write(_ histogram: HistogramSnapshot) -> Int {
        text.write("{\"buckets\": {")
        for (index, bucket) in histogram.buckets.enumerated() {
            if index > 0 { text.write(", ") }
            text.write(byte: UInt8(ascii: "\""))
            if index < histogram.bounds.count {
                text.writeShortest(histogram.bounds[index])
            } else {
                text.write("+Inf")
            }
            text.write("\": ")
            text.write(bucket)
        }
        text.write("}, \"count\": ")
        text.write(histogram.count)
        text.write(", \"sum\": ")
        let notFinite = write(histogram.sum)
        text.write("}")
        return notFinite
    }

    /// A map for each label, the innermost holding the values. Members are sorted, so equal first labels are neighbours.
    private mutating func write(_ members: ArraySlice<FamilyMember>, label: Int, of labels: Int) -> Int {
        var notFinite = 0
        var rest = members
        text.write("{")
        while let first = rest.first {
            let group = rest.prefix { $0.labels[label] == first.labels[label] }
            rest = rest[group.endIndex...]
            key(first.labels[label])
            notFinite += label + 1 == labels ? write(first.value) : write(group, label: label + 1, of: labels)
            if !rest.isEmpty { text.write(", ") }
        }
        text.write("}")
        return notFinite
    }

    private mutating func insert(_ problems: [(name: String, sentence: String)]) {
        var sentences: [String: String] = [:]
        for (name, sentence) in problems {
            sentences[name] = sentences[name].map { $0 + "; " + sentence } ?? sentence
        }
        var line = TextWriter()
        let place = placeOfProblems ?? text.bytes.count
        if place > 2 { line.write(",\n") }
        line.writeQuoted(VariableSnapshot.problemsName, style: .expvar)
        line.write(": {")
        for (index, name) in sentences.keys.sorted(by: { $0.precedesInBytes($1) }).enumerated() {
            if index > 0 { line.write(", ") }
            line.writeQuoted(name, style: .expvar)
            line.write(": ")
            line.writeQuoted(sentences[name] ?? "", style: .expvar)
        }
        line.write("}")
        if place == 2, !isEmpty { line.write(",\n") }
        // What follows a place in the middle begins with its own comma, except at the very start.
        text.insert(line, at: place)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The body of /debug/vars: byte for byte what Go's expvar prints for the same integers, floats, strings and maps, and
// valid JSON where Go's is not.

extension VariableSelection {
    /// Name of the member that lists what could not be shown as it was meant; there only if there is something.
    package static let problemsName = "debug_endpoint_problems"

    /// One line for each variable and each of `extra`, whose values are JSON already, sorted by name. A variable that has
    /// the name of an extra one is left out and listed under the problems.
    package func expvarDocument(extra: [(name: String, json: [UInt8])] = []) -> [UInt8] {
        var document = ExpvarDocument(expvarSize.writer)
        var problems = problems.map { ($0.variable, $0.sentence) }
        var extra = extra.sorted { $0.name.precedesInBytes($1.name) }[...]
        read { variable, value in
            let name = variable.texts.name
            while let first = extra.first, first.name.utf8.lexicographicallyPrecedes(name) {
                document.write(first.name, json: first.json)
                extra.removeFirst()
            }
            if let first = extra.first, name.elementsEqual(first.name.utf8) {
                problems.append((first.name, "the endpoint itself uses this name; the variable is not exported"))
                return
            }
            if let problem = document.write(name, value) { problems.append((variable.name, problem)) }
        }
        for rest in extra { document.write(rest.name, json: rest.json) }
        let body = document.finish(problems: problems)
        expvarSize.remember(body)
        return body
    }
}

private struct ExpvarDocument {
    private var text: TextWriter
    private var isEmpty = true
    /// Where the problems' line belongs, once a later name was written.
    private var placeOfProblems: Int?

    init(_ writer: TextWriter) {
        text = writer
        text.write("{\n")
    }

    /// Returns what keeps the value from being shown as it was meant.
    mutating func write(_ name: UnsafeBufferPointer<UInt8>, _ value: borrowing VariableValue) -> String? {
        notePlaceOfProblems { name.precedesInBytes(VariableSelection.problemsName) }
        let before: StaticString = isEmpty ? "\"" : ",\n\""
        isEmpty = false
        // The grammar of names has nothing to escape.
        switch value {
        case .counter(let count):
            text.write(before, name, "\": ", count)
            return nil
        default:
            text.write(before)
            text.write(bytes: name)
            text.write("\": ")
            write(value)
            return value.problem
        }
    }

    mutating func write(_ name: String, json: [UInt8]) {
        notePlaceOfProblems { name.precedesInBytes(VariableSelection.problemsName) }
        if !isEmpty { text.write(",\n") }
        isEmpty = false
        text.writeQuoted(name, style: .expvar)
        text.write(": ")
        text.write(bytes: json)
    }

    mutating func finish(problems: [(name: String, sentence: String)]) -> [UInt8] {
        if !problems.isEmpty { insert(problems) }
        text.write("\n}\n")
        return text.finish()
    }

    private mutating func notePlaceOfProblems(isBehind: () -> Bool) {
        if placeOfProblems == nil, !isBehind() { placeOfProblems = text.count }
    }

    private mutating func write(_ value: borrowing VariableValue) {
        switch value {
        case .counter(let count): text.write(count)
        case .gauge(let number): write(number)
        case .text(let string): text.writeQuoted(string, style: .expvar)
        case .computed(let json): text.write(json: json)
        case .failed: text.write("null")
        case .histogram(let histogram): write(histogram)
        case .family(let family): write(family, family.values.indices, label: 0)
        }
    }

    private mutating func write(_ number: Double) {
        if number.isFinite { text.writeShortest(number) } else { text.write("null") }
    }

    private mutating func write(_ histogram: HistogramSnapshot) {
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
        write(histogram.sum)
        text.write("}")
    }

    /// A map for each label, the innermost holding the values. Rows are sorted, so equal first labels are neighbours.
    private mutating func write(_ family: FamilySnapshot, _ rows: Range<Int>, label: Int) {
        let table = family.labelValues
        var row = rows.lowerBound
        text.write("{")
        while row < rows.upperBound {
            var end = row + 1
            if label + 1 < table.columns {
                while end < rows.upperBound, table.cellsAreEqual(row, end, column: label) { end += 1 }
            }
            if row > rows.lowerBound { text.write(", ") }
            table.withCell(row, label) { text.writeQuoted($0, style: .expvar) }
            text.write(": ")
            if label + 1 == table.columns {
                write(family.values[row])
            } else {
                write(family, row..<end, label: label + 1)
            }
            row = end
        }
        text.write("}")
    }

    private mutating func insert(_ problems: [(name: String, sentence: String)]) {
        var sentences: [String: String] = [:]
        for (name, sentence) in problems {
            sentences[name] = sentences[name].map { $0 + "; " + sentence } ?? sentence
        }
        var line = TextWriter()
        let place = placeOfProblems ?? text.count
        if place > 2 { line.write(",\n") }
        line.writeQuoted(VariableSelection.problemsName, style: .expvar)
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

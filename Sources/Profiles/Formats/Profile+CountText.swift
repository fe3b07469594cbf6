// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension Profile {
    /// What Go's count profiles answer to `debug=1`: the first value of each sample, its stack and its labels.
    ///
    /// Most frequent first. `name` stands in the head line and should be one word. Of frames without a file the mapping's
    /// file is shown. Unlike Go, a single tab separates the columns: Swift's names are too long to be aligned.
    /// Also a format that pprof reads, though without names: it takes return addresses, so these are given there, and the
    /// call's own address in the lines below.
    package func countText(name: String) -> [UInt8] {
        var text = TextLines()
        text.write(name: name)
        text.write(" profile: total ")
        text.write(samples.reduce(0) { $0 &+ ($1.values.first ?? 0) })
        text.write("\n")
        let keyed = samples.map { (count: $0.values.first ?? 0, key: key(of: $0), stack: $0.stack) }
        let shown = locations.map { lines(of: $0) }
        let sorted = keyed.sorted { first, second in
            first.count != second.count ? first.count > second.count : first.key.lexicographicallyPrecedes(second.key)
        }
        for sample in sorted {
            text.write(sample.count)
            text.write(" ")
            text.write(bytes: sample.key)
            text.write("\n")
            for index in sample.stack { text.write(bytes: shown[index]) }
            text.write("\n")
        }
        return text.bytes
    }

    private func key(of sample: Sample) -> [UInt8] {
        var key = TextLines()
        key.write("@")
        if sample.stack.isEmpty { key.write(" 0x0") }  // pprof refuses a line without an address
        for index in sample.stack {
            key.write(" ")
            key.write(hex: locations[index].address &+ 1)
        }
        guard !sample.labels.isEmpty else { return key.bytes }
        key.write("\n# labels: {")
        for (index, label) in sample.labels.enumerated() {
            if index > 0 { key.write(", ") }
            key.write(quoted: label.key)
            key.write(":")
            key.write(quoted: label.text)
        }
        key.write("}")
        return key.bytes
    }

    /// The frames of a place, a line each, as comments.
    func lines(of location: Location) -> [UInt8] {
        var text = TextLines()
        let file = mappings.mapping(containing: location.address)?.file ?? ""
        guard !location.lines.isEmpty else {
            text.write("#\t")
            text.write(hex: location.address)
            if !file.isEmpty {
                text.write("\t?\t")
                text.write(name: file)
            }
            text.write("\n")
            return text.bytes
        }
        for line in location.lines {
            text.write("#\t")
            text.write(hex: location.address)
            text.write("\t")
            text.write(name: line.function.name.isEmpty ? "?" : line.function.name)
            if let offset = location.functionOffset {
                text.write("+")
                text.write(hex: offset)
            }
            text.write("\t")
            text.write(place: line, file: file)
            text.write("\n")
        }
        return text.bytes
    }
}

extension TextLines {
    /// `file:line`, or where the source file is unknown, the file that holds the code.
    mutating func write(place line: Line, file: String) {
        guard !line.function.file.isEmpty else { return write(name: file.isEmpty ? "?" : file) }
        write(name: line.function.file)
        write(":")
        write(line.line)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension Profile {
    /// What Go's heap profile answers to `debug=1`, for a profile of the kind ``ProfileKind/sampledHeap(rate:)``.
    ///
    /// The rows are the samples as they were taken, since readers scale them up by twice the rate behind `heap/`; below each
    /// stands what it was scaled up to. Most in use first. `figures` come last, under Go's headline.
    package func heapText(figures: [(name: String, value: String)] = []) -> [UInt8] {
        var text = TextLines()
        let sums = (0..<Self.typeCount).map { index in samples.reduce(0) { $0 &+ value($1, index) } }
        text.write("heap profile: ")
        text.write(heapFigures: sums[4...])
        text.write(" @ heap/")
        text.write(2 &* kind.period)
        text.write("\n")
        let sorted = samples.enumerated().sorted { first, second in
            let (one, other) = (value(first.element, 3), value(second.element, 3))
            return one != other ? one > other : first.offset < second.offset
        }
        let shown = locations.map { lines(of: $0) }
        for (_, sample) in sorted {
            let values = (0..<Self.typeCount).map { value(sample, $0) }
            text.write(heapFigures: values[4...])
            text.write(" @")
            if sample.stack.isEmpty { text.write(" 0x0") }  // pprof refuses a line without an address
            for index in sample.stack {
                text.write(" ")
                text.write(hex: locations[index].address &+ 1)
            }
            text.write("\n# stands for ")
            text.write(heapFigures: values[..<4])
            for label in sample.labels where label.key != "bytes" {
                text.write(", ")
                text.write(name: label.key)
                text.write(" ")
                text.write(name: label.text)
            }
            text.write("\n")
            for index in sample.stack { text.write(bytes: shown[index]) }
            text.write("\n")
        }
        text.write("\n# runtime.MemStats\n")
        for (name, value) in figures {
            text.write("# ")
            text.write(name: name)
            text.write(" = ")
            text.write(name: value)
            text.write("\n")
        }
        return text.bytes
    }

    /// Allocated and in-use objects and bytes, scaled up, and then as sampled.
    private static var typeCount: Int { 8 }

    /// 0 where a profile of another kind has no such value.
    private func value(_ sample: Sample, _ index: Int) -> Int64 {
        sample.values.indices.contains(index) ? sample.values[index] : 0
    }
}

extension TextLines {
    /// `inuse_objects: inuse_bytes [alloc_objects: alloc_bytes]`, of values in the order of Go's sample types.
    fileprivate mutating func write(heapFigures values: ArraySlice<Int64>) {
        let start = values.startIndex
        write(values[start + 2])
        write(": ")
        write(values[start + 3])
        write(" [")
        write(values[start])
        write(": ")
        write(values[start + 1])
        write("]")
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension Dump {
    /// What Go's goroutine profile answers to `debug=2`, for threads and tasks: a block for each, with an empty line between.
    ///
    /// ```
    /// thread 4711 [waiting on NSLock, 3 minutes] {name: "worker-3"}:
    /// App.Cache.load(key:)
    /// 	/src/Cache.swift:12 +0x1f
    /// ```
    /// An inlined function has ` (inlined)` in place of the offset. Ends before the entry with which it would be longer than
    /// `limit` bytes, and says how many are left out.
    package func text(limit: Int = 64 << 20) -> [UInt8] {
        var text = TextLines()
        for (index, entry) in entries.enumerated() {
            var block = TextLines()
            if index > 0 { block.write("\n") }
            write(entry, to: &block)
            guard text.bytes.count + block.bytes.count <= limit else {
                text.write(index > 0 ? "\n... " : "... ")
                text.write(entries.count - index)
                text.write(" more are left out: the dump is limited to ")
                text.write(limit)
                text.write(" bytes\n")
                break
            }
            text.write(bytes: block.bytes)
        }
        return text.bytes
    }

    private func write(_ entry: DumpEntry, to text: inout TextLines) {
        text.write(name: entry.kind)
        text.write(" ")
        text.write(entry.id)
        text.write(" [")
        text.write(name: entry.state)
        if let minutes = entry.duration.map({ $0.components.seconds / 60 }), minutes >= 1 {
            text.write(", ")
            text.write(minutes)
            text.write(" minutes")  // also of one: Go's form, which programs know
        }
        for remark in entry.remarks {
            text.write(", ")
            text.write(name: remark)
        }
        text.write("]")
        write(entry.labels, to: &text)
        text.write(":\n")
        for location in entry.stack { write(location, to: &text) }
        if let note = entry.note {
            text.write("... ")
            text.write(name: note)
            text.write("\n")
        }
    }

    private func write(_ labels: [Label], to text: inout TextLines) {
        guard !labels.isEmpty else { return }
        text.write(" {")
        for (index, label) in labels.enumerated() {
            if index > 0 { text.write(", ") }
            write(labelPart: label.key, to: &text)
            text.write(": ")
            write(labelPart: label.text, to: &text)
        }
        text.write("}")
    }

    /// Quoted where Go quotes: unless it is one plain word.
    private func write(labelPart part: String, to text: inout TextLines) {
        let isWord = part.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        isWord && !part.isEmpty ? text.write(name: part) : text.write(quoted: part)
    }

    private func write(_ location: Location, to text: inout TextLines) {
        let mapping = mappings.mapping(containing: location.address)
        guard !location.lines.isEmpty else {
            text.write(hex: location.address)
            text.write("\n\t")
            if let mapping, !mapping.file.isEmpty {
                text.write(name: mapping.file)
                text.write("+")  // what addr2line takes
                text.write(hex: mapping.offsetInFile(of: location.address))
            } else {
                text.write("?")
            }
            text.write("\n")
            return
        }
        for (index, line) in location.lines.enumerated() {
            text.write(name: line.function.name.isEmpty ? "?" : line.function.name)
            text.write("\n\t")
            text.write(place: line, file: mapping?.file ?? "")
            if index + 1 < location.lines.count {
                text.write(" (inlined)")
            } else if let offset = location.functionOffset {
                text.write(" +")
                text.write(hex: offset)
            }
            text.write("\n")
        }
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// DWARF 2 to 5, written here because the toolchain's own reader (module Runtime, 6.3.1) was seen to list nested inlined frames
// outermost first with the lines of innermost first, to read everything again on each new thread, and to take a file that is
// mapped twice, as it maps it itself, for one image at the lower address. By its source it also loses inlined frames around others.

/// The debug information of one image, indexed as far as it was asked for. Not safe for threads: its owner has a lock.
///
/// Kept in memory: 150 bytes a unit of the compiler, 32 bytes a function of the units in which addresses were looked up, and names.
/// Trusts nothing in the file. Not read: compressed sections, split files (.dwo).
final class DebugInformation {
    private let file: ImageFile
    private let lowestCode: UInt64
    private let units: [DebugUnit]
    private let code: AddressIndex<Int>
    private var functions: [Int: AddressIndex<UInt64>] = [:]
    private var names: [UInt64: String?] = [:]

    /// Reads the headers of all units: some 5 µs each.
    init?(_ image: ImageFile) {
        guard let (file, sections) = Self.find(image) else { return nil }
        self.file = file
        lowestCode = image.header.lowestCode
        var units: [DebugUnit] = []
        var code: [(Range<UInt64>, Int)] = []
        var offset: UInt64 = 0
        while offset < sections.info.size {
            var next = offset
            let header = sections.info.parse(at: offset) { DebugUnit.header(&$0, at: offset, next: &next) }
            guard let header, next > offset else { break }
            offset = next
            guard var unit = header else { continue }
            if let shapes = Self.abbreviations(unit, sections) {
                let ranges = sections.info.parse(at: unit.offset + UInt64(unit.firstEntry)) {
                    unit.readRoot(&$0, shapes, sections)
                }
                for range in ranges ?? [] where range.lowerBound >= lowestCode { code.append((range, units.count)) }
            }
            units.append(unit)
        }
        self.units = units
        self.code = AddressIndex(code)
    }

    private static func find(_ image: ImageFile) -> (ImageFile, DebugSections)? {
        for file in [image, ImageFile(debugFileFor: image)] {
            if let file, let sections = DebugSections(file) { return (file, sections) }
        }
        return nil
    }

    private static func abbreviations(_ unit: DebugUnit, _ sections: DebugSections) -> Abbreviations? {
        sections.abbreviations.parse(at: unit.abbreviations) { Abbreviations(&$0, offsetSize: unit.offsetSize) }
    }

    /// For each of `addresses` (before relocation): the inlined frames, innermost first, and the function; empty when unknown.
    ///
    /// Cost: for each unit among them, its line program is run, some 10 ms for 1 MiB of it; the first time in a unit, all of its
    /// entries are read.
    func locations(at addresses: [UInt64]) -> [[SourceLocation]] {
        var found = [[SourceLocation]](repeating: [], count: addresses.count)
        var byUnit: [Int: [Int]] = [:]
        for (index, address) in addresses.enumerated() {
            if let unit = code[address] { byUnit[unit, default: []].append(index) }
        }
        guard !byUnit.isEmpty, let sections = DebugSections(file) else { return found }
        for (unit, indices) in byUnit.sorted(by: { $0.key < $1.key }) {
            guard let shapes = Self.abbreviations(units[unit], sections) else { continue }
            let sorted = indices.sorted { addresses[$0] < addresses[$1] }
            let located = locate(sorted.map { addresses[$0] }, unit, shapes, sections)
            for (index, locations) in zip(sorted, located) { found[index] = locations }
            sections.forget()
        }
        return found
    }

    /// `addresses` are in order and all in this unit.
    private func locate(
        _ addresses: [UInt64], _ number: Int, _ shapes: Abbreviations, _ sections: DebugSections
    ) -> [[SourceLocation]] {
        let unit = units[number]
        let entries = functions[number] ?? readFunctions(unit, shapes, sections)
        functions[number] = entries
        let lines = rows(addresses, unit, sections)
        var calls = [[InlinedCall]](repeating: [], count: addresses.count)
        let functionOf = addresses.map { entries[$0] }
        for (entry, indices) in Dictionary(grouping: addresses.indices, by: { functionOf[$0] }) {
            guard let entry else { continue }
            let inlined = sections.info.parse(at: entry) { cursor in
                unit.inlinedCalls(at: indices.map { addresses[$0] }, &cursor, shapes, sections)
            }
            if let inlined { for (index, list) in zip(indices, inlined) { calls[index] = list } }
        }
        var paths: [UInt64: String?] = [:]
        func path(_ file: UInt64) -> String? {
            if let known = paths[file] { return known }
            let path = lines?.program.path(file, unit)
            paths[file] = .some(path)
            return path
        }
        return addresses.indices.map { index in
            var file = lines?.rows[index].map(\.file)
            var line = lines?.rows[index].map(\.line)
            func location(_ name: String?, isInlined: Bool) -> SourceLocation {
                let path = file.flatMap(path)
                // Line 0 is the compiler's word for code that belongs to no line.
                let number = path == nil || line == 0 ? nil : line.flatMap { Int(exactly: $0) }
                return SourceLocation(name: name, file: path, line: number, isInlined: isInlined)
            }
            var frames: [SourceLocation] = []
            for call in calls[index].reversed() {
                frames.append(location(name(of: call.callee, sections), isInlined: true))
                (file, line) = (call.file, call.line)
            }
            frames.append(location(functionOf[index].flatMap { name(of: $0, sections) }, isInlined: false))
            return frames
        }
    }

    private func rows(
        _ addresses: [UInt64], _ unit: DebugUnit, _ sections: DebugSections
    ) -> (program: LineProgram, rows: [LineProgram.Row?])? {
        guard let offset = unit.lineProgram, let section = sections.line else { return nil }
        // The length comes first: the program is read in one piece.
        let length = section.parse(at: offset) { cursor in
            let length = cursor.integer(UInt32.self)
            return length == UInt32.max ? cursor.integer(UInt64.self) : UInt64(length)
        }
        guard let length, length < section.size else { return nil }
        return section.parse(at: offset, atLeast: length + 12) { cursor in
            guard let program = LineProgram(&cursor, unit, sections) else { return nil }
            return (program, program.rows(for: addresses, lowest: lowestCode, &cursor))
        } ?? nil
    }

    /// All functions with code in a unit: one pass over its entries, in which nothing else is looked at.
    private func readFunctions(_ unit: DebugUnit, _ shapes: Abbreviations, _ sections: DebugSections) -> AddressIndex<
        UInt64
    > {
        let length = unit.end &- unit.offset
        let found = sections.info.parse(at: unit.offset, atLeast: length) { cursor -> [(Range<UInt64>, UInt64)] in
            var found: [(Range<UInt64>, UInt64)] = []
            cursor.move(to: unit.firstEntry)
            while UInt64(cursor.position) < length, !cursor.isAtEnd {
                let entry = unit.offset + UInt64(cursor.position)
                let code = cursor.uleb()
                if code == 0 { continue }
                guard let shape = shapes[code] else { break }
                guard shape.tag == 0x2e else {  // DW_TAG_subprogram
                    shapes.skip(shape, &cursor, offsetSize: unit.offsetSize)
                    continue
                }
                var low = AttributeValue.none
                var high = AttributeValue.none
                var ranges = AttributeValue.none
                for index in shape.attributes {
                    let specification = shapes.specifications[index]
                    let value = cursor.attribute(specification.form, offsetSize: unit.offsetSize)
                    switch specification.name {
                    case 0x11: low = value
                    case 0x12: high = value
                    case 0x55: ranges = value
                    default: break
                    }
                }
                for range in sections.code(low: low, high: high, ranges: ranges, unit)
                where range.lowerBound >= lowestCode {
                    found.append((range, entry))
                }
            }
            return found
        }
        return AddressIndex(found ?? [])
    }

    /// The name of an entry, or of the one it is an instance of.
    private func name(of entry: UInt64, _ sections: DebugSections) -> String? {
        if let known = names[entry] { return known }
        var linkage: String?
        var plain: String?
        var next: UInt64? = entry
        for _ in 0..<8 {
            guard let place = next, linkage == nil, let unit = unit(at: place),
                let shapes = Self.abbreviations(unit, sections)
            else { break }
            var (values, reference) = (names: [AttributeValue](repeating: .none, count: 2), next: UInt64?.none)
            _ = sections.info.parse(at: place) { cursor in
                (values, reference) = ([.none, .none], nil)
                guard let shape = shapes[cursor.uleb()] else { return }
                for index in shape.attributes {
                    let specification = shapes.specifications[index]
                    let value = cursor.attribute(specification.form, offsetSize: unit.offsetSize)
                    switch specification.name {
                    case 0x03: values[0] = value
                    case 0x6e, 0x2007: values[1] = value
                    case 0x31, 0x47: reference = unit.reference(value)
                    default: break
                    }
                }
            }
            plain = plain ?? sections.string(values[0], unit)
            linkage = sections.string(values[1], unit)
            next = reference
        }
        if names.count >= 65_536 { names = [:] }
        names[entry] = .some(linkage ?? plain)
        return linkage ?? plain
    }

    private func unit(at place: UInt64) -> DebugUnit? {
        var low = 0
        var high = units.count
        while low < high {
            let middle = (low + high) / 2
            if units[middle].end <= place { low = middle + 1 } else { high = middle }
        }
        return low < units.count && units[low].offset <= place ? units[low] : nil
    }
}

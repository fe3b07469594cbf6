// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The sections of one file that hold debug information, open for a batch of look-ups.
final class DebugSections {
    let info: SectionReader
    let abbreviations: SectionReader
    let line: SectionReader?
    private let strings: SectionReader?
    private let lineStrings: SectionReader?
    private let stringOffsets: SectionReader?
    private let addresses: SectionReader?
    private let ranges: SectionReader?
    private let rangeLists: SectionReader?

    /// Nil when the file has none, or has it compressed.
    init?(_ file: ImageFile) {
        guard let open = file.open() else { return nil }
        let sections = ElfSections(file.header, in: open)
        guard let info = SectionReader(sections[".debug_info"], in: open),
            let abbreviations = SectionReader(sections[".debug_abbrev"], in: open)
        else { return nil }
        self.info = info
        self.abbreviations = abbreviations
        line = SectionReader(sections[".debug_line"], in: open)
        strings = SectionReader(sections[".debug_str"], in: open)
        lineStrings = SectionReader(sections[".debug_line_str"], in: open)
        stringOffsets = SectionReader(sections[".debug_str_offsets"], in: open)
        addresses = SectionReader(sections[".debug_addr"], in: open)
        ranges = SectionReader(sections[".debug_ranges"], in: open)
        rangeLists = SectionReader(sections[".debug_rnglists"], in: open)
    }

    func string(_ value: AttributeValue, _ unit: DebugUnit) -> String? {
        switch value {
        case .text(let text): return text
        case .stringOffset(let offset): return strings?.text(at: offset)
        case .lineStringOffset(let offset): return lineStrings?.text(at: offset)
        case .stringIndex(let index):
            let place = unit.stringOffsetsBase &+ index &* UInt64(unit.offsetSize)
            return stringOffsets?.parse(at: place) { $0.unsigned(size: unit.offsetSize) }.flatMap {
                strings?.text(at: $0)
            }
        default: return nil
        }
    }

    func address(_ value: AttributeValue, _ unit: DebugUnit) -> UInt64? {
        switch value {
        case .address(let address): return address
        case .addressIndex(let index):
            return addresses?.parse(at: unit.addressesBase &+ index &* 8) { $0.integer(UInt64.self) }
        default: return nil
        }
    }

    /// The code of an entry, from its DW_AT_low_pc and DW_AT_high_pc or its DW_AT_ranges.
    func code(low: AttributeValue, high: AttributeValue, ranges: AttributeValue, _ unit: DebugUnit) -> [Range<UInt64>] {
        switch ranges {
        case .none:
            guard let start = address(low, unit) else { return [] }
            let end = address(high, unit) ?? start.addingReportingOverflow(high.number ?? 0).partialValue
            return start < end ? [start..<end] : []
        case .rangeListIndex(let index):
            let entry = unit.rangeListsBase &+ index &* UInt64(unit.offsetSize)
            guard let offset = rangeLists?.parse(at: entry, { $0.unsigned(size: unit.offsetSize) }) else { return [] }
            return list(at: unit.rangeListsBase &+ offset, unit)
        default:
            return ranges.number.map { list(at: $0, unit) } ?? []
        }
    }

    private func list(at offset: UInt64, _ unit: DebugUnit) -> [Range<UInt64>] {
        if unit.version < 5 {
            return ranges?.parse(at: offset) { Self.pairs(&$0, base: unit.low) } ?? []
        }
        return rangeLists?.parse(at: offset) { cursor in self.entries(&cursor, unit) } ?? []
    }

    /// DWARF 4 §2.17.3.
    private static func pairs(_ cursor: inout ByteCursor, base: UInt64) -> [Range<UInt64>] {
        var found: [Range<UInt64>] = []
        var base = base
        while !cursor.failed {
            let first = cursor.integer(UInt64.self)
            let second = cursor.integer(UInt64.self)
            if first == 0, second == 0 { break }
            if first == UInt64.max {
                base = second
            } else if first < second, base &+ first < base &+ second {
                found.append((base &+ first)..<(base &+ second))
            }
        }
        return found
    }

    /// DWARF 5 §2.17.3.
    private func entries(_ cursor: inout ByteCursor, _ unit: DebugUnit) -> [Range<UInt64>] {
        var found: [Range<UInt64>] = []
        var base = unit.low
        while !cursor.failed {
            var start: UInt64?
            var end: UInt64?
            switch cursor.integer(UInt8.self) {
            case 0: return found
            case 1: base = address(.addressIndex(cursor.uleb()), unit) ?? 0
            case 2:
                start = address(.addressIndex(cursor.uleb()), unit)
                end = address(.addressIndex(cursor.uleb()), unit)
            case 3:
                start = address(.addressIndex(cursor.uleb()), unit)
                end = (start ?? 0) &+ cursor.uleb()
            case 4:
                start = base &+ cursor.uleb()
                end = base &+ cursor.uleb()
            case 5: base = cursor.integer()
            case 6:
                start = cursor.integer(UInt64.self)
                end = cursor.integer(UInt64.self)
            case 7:
                start = cursor.integer(UInt64.self)
                end = (start ?? 0) &+ cursor.uleb()
            default:
                cursor.fail()
            }
            if let start, let end, start < end { found.append(start..<end) }
        }
        return found
    }

    /// Gives back what large parses took.
    func forget() {
        for section in [info, abbreviations, line, strings, ranges, rangeLists] { section?.forget() }
    }
}

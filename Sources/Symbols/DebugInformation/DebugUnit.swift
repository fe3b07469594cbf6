// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A unit of .debug_info: what one run of the compiler made. Source: DWARF 5 §7.5.1.
struct DebugUnit {
    /// In .debug_info.
    let offset: UInt64
    let end: UInt64
    let version: UInt16
    let offsetSize: Int
    let abbreviations: UInt64
    /// From `offset`.
    let firstEntry: Int
    fileprivate(set) var low: UInt64 = 0
    fileprivate(set) var lineProgram: UInt64?
    fileprivate(set) var directory = ""
    fileprivate(set) var stringOffsetsBase: UInt64 = 0
    fileprivate(set) var addressesBase: UInt64 = 0
    fileprivate(set) var rangeListsBase: UInt64 = 0

    /// Reads the header. Nil and a failed cursor at the end; nil with the position of the next unit for a unit that has no code
    /// of this machine: types only, or addresses of another size.
    static func header(_ cursor: inout ByteCursor, at offset: UInt64, next: inout UInt64) -> DebugUnit? {
        var length = UInt64(cursor.integer(UInt32.self))
        var offsetSize = 4
        if length == 0xffff_ffff {
            length = cursor.integer()
            offsetSize = 8
        }
        let (end, overflow) = (offset + UInt64(cursor.position)).addingReportingOverflow(length)
        guard !cursor.failed, !overflow, length > 0 else {
            cursor.fail()
            return nil
        }
        next = end
        let version = cursor.integer(UInt16.self)
        var abbreviations: UInt64 = 0
        var addressSize: UInt8 = 8
        var kind: UInt8 = 1
        switch version {
        case 2...4:
            abbreviations = cursor.unsigned(size: offsetSize)
            addressSize = cursor.integer()
        case 5:
            kind = cursor.integer()
            addressSize = cursor.integer()
            abbreviations = cursor.unsigned(size: offsetSize)
        default: return nil
        }
        // 1 is a full unit, 3 a partial one, which others refer to.
        guard !cursor.failed, addressSize == 8, kind == 1 || kind == 3 else { return nil }
        return DebugUnit(
            offset: offset, end: end, version: version, offsetSize: offsetSize, abbreviations: abbreviations,
            firstEntry: cursor.position)
    }

    /// Reads the unit's own entry, and gives the code of the unit.
    mutating func readRoot(_ cursor: inout ByteCursor, _ shapes: Abbreviations, _ sections: DebugSections) -> [Range<
        UInt64
    >] {
        guard let shape = shapes[cursor.uleb()] else { return [] }
        var low = AttributeValue.none
        var high = AttributeValue.none
        var ranges = AttributeValue.none
        var directory = AttributeValue.none
        // In DWARF 5 the bases are just after the headers of their sections when the attributes are missing.
        stringOffsetsBase = offsetSize == 8 ? 16 : 8
        addressesBase = stringOffsetsBase
        for index in shape.attributes {
            let specification = shapes.specifications[index]
            let value = cursor.attribute(specification.form, offsetSize: offsetSize)
            switch specification.name {
            case 0x10: lineProgram = value.number
            case 0x11: low = value
            case 0x12: high = value
            case 0x1b: directory = value
            case 0x55: ranges = value
            case 0x72: stringOffsetsBase = value.number ?? stringOffsetsBase
            case 0x73: addressesBase = value.number ?? addressesBase
            case 0x74: rangeListsBase = value.number ?? rangeListsBase
            default: break
            }
        }
        guard !cursor.failed else { return [] }
        self.low = sections.address(low, self) ?? 0
        self.directory = sections.string(directory, self) ?? ""
        return sections.code(low: low, high: high, ranges: ranges, self)
    }
}

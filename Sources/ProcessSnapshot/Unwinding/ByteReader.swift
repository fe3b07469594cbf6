// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Reads the encodings of ELF and DWARF from bytes that nobody vouches for: past the end there is nil, never a trap.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var position: Int

    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func skip(_ count: Int) {
        position = count < 0 || count > bytes.count - position ? bytes.count : position + count
    }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value? {
        let size = MemoryLayout<Value>.size
        guard position + size <= bytes.count else { return nil }
        defer { position += size }
        return bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: Value.self)) }
    }

    mutating func unsignedLEB() -> UInt? {
        var value: UInt = 0
        var shift: UInt = 0
        while let byte = integer(UInt8.self) {
            if shift < 64 { value |= UInt(byte & 0x7f) << shift }
            shift += 7
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }

    mutating func signedLEB() -> Int? {
        var value: UInt = 0
        var shift: UInt = 0
        while let byte = integer(UInt8.self) {
            if shift < 64 { value |= UInt(byte & 0x7f) << shift }
            shift += 7
            if byte & 0x80 == 0 {
                if shift < 64, byte & 0x40 != 0 { value |= ~0 << shift }
                return Int(bitPattern: value)
            }
        }
        return nil
    }

    /// The bytes up to the next NUL, which is skipped.
    mutating func text() -> [UInt8]? {
        guard position <= bytes.count, let end = bytes[position...].firstIndex(of: 0) else { return nil }
        defer { position = end + 1 }
        return Array(bytes[position..<end])
    }

    /// An address in an encoding of `.eh_frame`, DW_EH_PE_*; `place` is where the reader's first byte lies in memory.
    mutating func encodedAddress(_ encoding: UInt8, place: UInt, data: UInt = 0) -> UInt? {
        let here = place &+ UInt(position)
        let raw: UInt?
        switch encoding & 0x0f {
        case 0x00, 0x04, 0x0c: raw = integer(UInt64.self).map { UInt($0) }
        case 0x01: raw = unsignedLEB()
        case 0x09: raw = signedLEB().map { UInt(bitPattern: $0) }
        case 0x02: raw = integer(UInt16.self).map { UInt($0) }
        case 0x0a: raw = integer(Int16.self).map { UInt(bitPattern: Int($0)) }
        case 0x03: raw = integer(UInt32.self).map { UInt($0) }
        case 0x0b: raw = integer(Int32.self).map { UInt(bitPattern: Int($0)) }
        default: raw = nil
        }
        guard let raw else { return nil }
        let address: UInt
        switch encoding & 0x70 {
        case 0x00: address = raw
        case 0x10: address = here &+ raw
        case 0x30: address = data &+ raw
        default: return nil
        }
        return encoding & 0x80 == 0 || raw == 0 ? address : ProcessMemory.load(address, as: UInt.self)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A reader of foreign bytes that never goes beyond them.
///
/// Reading too far gives zeros and sets `failed`, for good; a loop over a cursor must look at it. Little-endian.
struct ByteCursor {
    let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    private(set) var failed = false

    init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
        self.bytes = bytes
        self.position = min(max(position, 0), bytes.count)
        failed = position != self.position
    }

    var isAtEnd: Bool { failed || position >= bytes.count }

    mutating func fail() {
        failed = true
        position = bytes.count
    }

    @inline(__always)
    mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type = Value.self) -> Value {
        guard !failed, bytes.count - position >= MemoryLayout<Value>.size else {
            fail()
            return 0
        }
        defer { position += MemoryLayout<Value>.size }
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Value.self))
    }

    /// A number of `size` bytes, 1 to 8.
    mutating func unsigned(size: Int) -> UInt64 {
        switch size {
        case 1: return UInt64(integer(UInt8.self))
        case 2: return UInt64(integer(UInt16.self))
        case 3: return UInt64(integer(UInt16.self)) | UInt64(integer(UInt8.self)) << 16
        case 4: return UInt64(integer(UInt32.self))
        case 8: return integer(UInt64.self)
        default:
            fail()
            return 0
        }
    }

    /// LEB128, DWARF 5 §7.6. Bits beyond 64 are dropped.
    mutating func uleb() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = integer(UInt8.self)
            if shift < 64 { value |= UInt64(byte & 0x7f) << shift }
            shift &+= 7
            if byte & 0x80 == 0 { return value }  // a failed read gives 0 and ends the loop
        }
    }

    mutating func sleb() -> Int64 {
        var value: Int64 = 0
        var shift: Int64 = 0
        while true {
            let byte = integer(UInt8.self)
            if shift < 64 { value |= Int64(byte & 0x7f) << shift }
            shift &+= 7
            if byte & 0x80 == 0 {
                if shift < 64, byte & 0x40 != 0 { value |= -1 << shift }
                return value
            }
        }
    }

    mutating func skip(_ count: UInt64) {
        guard !failed, count <= UInt64(bytes.count - position) else { return fail() }
        position += Int(count)
    }

    mutating func move(to position: Int) {
        guard !failed, position >= 0, position <= bytes.count else { return fail() }
        self.position = position
    }

    /// Text up to a NUL, which is passed over.
    mutating func text() -> UnsafeRawBufferPointer {
        let start = position
        while integer(UInt8.self) != 0 {}  // a failed read gives 0
        guard !failed else { return UnsafeRawBufferPointer(rebasing: bytes[..<0]) }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<(position - 1)])
    }
}

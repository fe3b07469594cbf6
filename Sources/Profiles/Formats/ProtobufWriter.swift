// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Writes Protocol Buffers' wire format: as much of it as a profile needs. Fields that are 0 are left out, as proto3 wants.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    private enum WireType: UInt64 {
        case varint = 0
        case lengthDelimited = 2
    }

    mutating func write(_ field: UInt64, _ value: UInt64) {
        guard value != 0 else { return }
        writeTag(field, .varint)
        writeVarint(value)
    }

    /// A negative number takes ten bytes, as `int64` does.
    mutating func write(_ field: UInt64, _ value: Int64) {
        write(field, UInt64(bitPattern: value))
    }

    mutating func write(_ field: UInt64, _ value: Bool) {
        write(field, value ? 1 as UInt64 : 0)
    }

    /// Also when it is empty, since an empty string can be an element of a list.
    mutating func write(_ field: UInt64, _ text: String) {
        writeTag(field, .lengthDelimited)
        var text = text
        text.withUTF8 { utf8 in
            writeVarint(UInt64(utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }

    /// A packed list, zeros included; nothing when it is empty.
    mutating func write(_ field: UInt64, packed values: some Collection<UInt64>) {
        guard !values.isEmpty else { return }
        message(field) { writer in
            for value in values { writer.writeVarint(value) }
        }
    }

    /// What `body` writes, as a message or a list within this one; also when it is nothing.
    mutating func message(_ field: UInt64, _ body: (inout ProtobufWriter) -> Void) {
        writeTag(field, .lengthDelimited)
        let start = bytes.count
        bytes.append(0)  // the length, which has one byte for most messages; longer ones are moved
        body(&self)
        let length = UInt64(bytes.count - start - 1)
        var rest = length
        var place = start
        while rest >= 0x80 {
            bytes[place] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
            place += 1
            bytes.insert(0, at: place)
        }
        bytes[place] = UInt8(rest)
    }

    private mutating func writeTag(_ field: UInt64, _ type: WireType) {
        writeVarint(field << 3 | type.rawValue)
    }

    private mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

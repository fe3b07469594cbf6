// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// JSON as Go writes it. expvar and encoding/json differ in two control characters and in how they print a Double.

extension TextWriter {
    /// Whose JSON: expvar's for variables, encoding/json's for what a computed variable returns.
    package enum JSONStyle { case expvar, encodingJSON }

    package mutating func writeQuoted(_ text: String, style: JSONStyle) {
        var text = text
        text.withUTF8 { writeQuoted($0, style: style) }
    }

    mutating func writeQuoted(_ utf8: UnsafeBufferPointer<UInt8>, style: JSONStyle) {
        write(byte: UInt8(ascii: "\""))
        var plainFrom = 0
        for (index, byte) in utf8.enumerated() where Self.mayNeedEscape(byte) {
            guard let length = escapedLength(utf8, at: index) else { continue }
            bytes(utf8[plainFrom..<index])
            writeEscape(utf8, at: index, style: style)
            plainFrom = index + length
        }
        bytes(utf8[plainFrom...])
        write(byte: UInt8(ascii: "\""))
    }

    /// encoding/json's compact form, keys in byte order. A Double that is not finite is written as null.
    package mutating func write(json value: JSONValue) {
        switch value {
        case .null: write("null")
        case .bool(let value): write(value ? "true" : "false")
        case .int(let value): write(value)
        case .double(let value): if value.isFinite { writeJSON(value) } else { write("null") }
        case .string(let value): writeQuoted(value, style: .encodingJSON)
        case .array(let elements):
            write(byte: UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { write(byte: UInt8(ascii: ",")) }
                write(json: element)
            }
            write(byte: UInt8(ascii: "]"))
        case .object(let members):
            write(byte: UInt8(ascii: "{"))
            for (index, key) in members.keys.sorted(by: { $0.precedesInBytes($1) }).enumerated() {
                if index > 0 { write(byte: UInt8(ascii: ",")) }
                writeQuoted(key, style: .encodingJSON)
                write(byte: UInt8(ascii: ":"))
                write(json: members[key] ?? .null)
            }
            write(byte: UInt8(ascii: "}"))
        }
    }

    private static func mayNeedEscape(_ byte: UInt8) -> Bool {
        switch byte {
        case ..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"),
            0xE2:
            true
        default: false
        }
    }

    /// How many bytes the character that must be escaped has; nil when it needs no escape after all. U+2028 and U+2029,
    /// line ends to JavaScript, are E2 80 A8 and E2 80 A9.
    private func escapedLength(_ utf8: UnsafeBufferPointer<UInt8>, at index: Int) -> Int? {
        guard utf8[index] == 0xE2 else { return 1 }
        return utf8[index + 1] == 0x80 && utf8[index + 2] & 0xFE == 0xA8 ? 3 : nil
    }

    private mutating func writeEscape(_ utf8: UnsafeBufferPointer<UInt8>, at index: Int, style: JSONStyle) {
        switch (utf8[index], style) {
        case (UInt8(ascii: "\""), _): write("\\\"")
        case (UInt8(ascii: "\\"), _): write("\\\\")
        case (UInt8(ascii: "\n"), _): write("\\n")
        case (UInt8(ascii: "\r"), _): write("\\r")
        case (UInt8(ascii: "\t"), _): write("\\t")
        case (0x08, .encodingJSON): write("\\b")
        case (0x0C, .encodingJSON): write("\\f")
        case (0xE2, _):
            write("\\u202")
            write(byte: utf8[index + 2] == 0xA8 ? UInt8(ascii: "8") : UInt8(ascii: "9"))
        case (let byte, _):
            write("\\u00")
            for digit in [byte >> 4, byte & 15] {
                write(byte: digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }

    private mutating func bytes(_ slice: Slice<UnsafeBufferPointer<UInt8>>) {
        write(bytes: UnsafeBufferPointer(rebasing: slice))
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// UTF-8 text that is written line by line; no name that comes from elsewhere can break a line.
struct TextLines {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ literal: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    mutating func write(_ number: some BinaryInteger) {
        bytes.append(contentsOf: String(number).utf8)
    }

    mutating func write(hex number: UInt) {
        write("0x")
        var shift = number == 0 ? 0 : (number.bitWidth - 1 - number.leadingZeroBitCount) & ~3
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: number >> shift & 15)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
            shift -= 4
        }
    }

    mutating func write(bytes more: [UInt8]) {
        bytes.append(contentsOf: more)
    }

    /// A name as it is, but for control characters, which are escaped as Go does.
    mutating func write(name: String) {
        write(name, quotes: false)
    }

    /// In quotation marks, escaped as by Go's `%q`.
    mutating func write(quoted text: String) {
        write("\"")
        write(text, quotes: true)
        write("\"")
    }

    private mutating func write(_ text: String, quotes: Bool) {
        var text = text
        let isPlain = text.withUTF8 { utf8 in
            let isPlain = utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f && !(quotes && ($0 == 0x22 || $0 == 0x5c)) }
            if isPlain { bytes.append(contentsOf: utf8) }
            return isPlain
        }
        guard !isPlain else { return }
        for scalar in text.unicodeScalars { write(scalar, quotes: quotes) }
    }

    private mutating func write(_ scalar: Unicode.Scalar, quotes: Bool) {
        switch scalar {
        case "\"" where quotes: write("\\\"")
        case "\\" where quotes: write("\\\\")
        case "\n": write("\\n")
        case "\r": write("\\r")
        case "\t": write("\\t")
        case _ where scalar.value < 0x20 || scalar.value == 0x7f: writeEscape("\\x", scalar, digits: 2)
        case _ where Self.breaksLines(scalar): writeEscape("\\u", scalar, digits: 4)
        default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }

    /// Controls of the upper half, line and paragraph separator, and what reverses the direction of text; all below U+10000.
    private static func breaksLines(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x80...0x9f, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    private mutating func writeEscape(_ prefix: StaticString, _ scalar: Unicode.Scalar, digits: Int) {
        write(prefix)
        let text = String(scalar.value, radix: 16)
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, digits - text.utf8.count)))
        bytes.append(contentsOf: text.utf8)
    }
}

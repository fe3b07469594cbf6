// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The grammar of names that every exposition format can carry.
package enum VariableName {
    static let grammar = "[a-zA-Z_:][a-zA-Z0-9_:]*"

    /// Names that begin so are the endpoint's own, such as that of the problems in `/debug/vars`.
    package static let reservedPrefix = "debug_endpoint_"

    package static func isVariableName(_ text: String) -> Bool {
        isName(text) { isLetter($0) || $0 == UInt8(ascii: ":") }
    }

    package static func isLabelName(_ text: String) -> Bool {
        isName(text, first: isLetter)
    }

    private static func isName(_ text: String, first isFirst: (UInt8) -> Bool) -> Bool {
        guard let first = text.utf8.first, isFirst(first) else { return false }
        return text.utf8.dropFirst().allSatisfy { isFirst($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower) || byte == UInt8(ascii: "_")
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Finds whole numbers in a JSON document that somebody else wrote, without keeping any of it.
///
/// Costs one pass. What is not JSON, or nested deeper than 64, has no numbers; keys with escapes are not found.
struct JSONNumbers {
    private let text: [UInt8]
    private var place = 0
    private var found: Int?

    init(_ text: [UInt8]) {
        self.text = text
    }

    /// The number in the object's member with this path; the last one where a key is repeated.
    func number(at path: [String]) -> Int? {
        var reader = self
        guard reader.readValue(path[...], depth: 0) else { return nil }
        reader.skipBlanks()
        return reader.place == text.count ? reader.found : nil
    }

    /// Reads one value; `path` is what is still to be followed, or nil away from it. False when this is no JSON.
    private mutating func readValue(_ path: ArraySlice<String>?, depth: Int) -> Bool {
        skipBlanks()
        guard depth < 64, let first = peek else { return false }
        switch first {
        case UInt8(ascii: "{"): return readObject(path, depth: depth)
        case UInt8(ascii: "["): return readArray(depth: depth)
        case UInt8(ascii: "\""): return readString() != nil
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let digits = readWhile { "0123456789+-.eE".utf8.contains($0) }
            if let path, path.isEmpty { found = Int(String(decoding: digits, as: UTF8.self)) }
            return true
        default:
            let word = readWhile { ("a"..."z").contains(Character(UnicodeScalar($0))) }
            return ["true", "false", "null"].contains { word.elementsEqual($0.utf8) }
        }
    }

    private mutating func readObject(_ path: ArraySlice<String>?, depth: Int) -> Bool {
        place += 1
        skipBlanks()
        if take(UInt8(ascii: "}")) { return true }
        while true {
            skipBlanks()
            guard let key = readString() else { return false }
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { return false }
            let rest = path.flatMap { path in
                path.first.flatMap { key.elementsEqual($0.utf8) ? path.dropFirst() : nil }
            }
            guard readValue(rest, depth: depth + 1) else { return false }
            skipBlanks()
            if take(UInt8(ascii: "}")) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
        }
    }

    private mutating func readArray(depth: Int) -> Bool {
        place += 1
        skipBlanks()
        if take(UInt8(ascii: "]")) { return true }
        while true {
            guard readValue(nil, depth: depth + 1) else { return false }
            skipBlanks()
            if take(UInt8(ascii: "]")) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
        }
    }

    /// What stands between the quotation marks, escapes as they are.
    private mutating func readString() -> ArraySlice<UInt8>? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = place
        while let byte = peek {
            place += 1
            if byte == UInt8(ascii: "\"") { return text[start..<place - 1] }
            if byte == UInt8(ascii: "\\") { place += 1 }
        }
        return nil
    }

    private var peek: UInt8? { place < text.count ? text[place] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        place += 1
        return true
    }

    private mutating func readWhile(_ isWanted: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = place
        while let byte = peek, isWanted(byte) { place += 1 }
        return text[start..<place]
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 32 || (9...13).contains(byte) { place += 1 }
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Whether a mangled name is that of `Task<…>`, an optional one, or a `Mutex` of either. Source: swiftlang/swift,
// docs/ABI/Mangling.rst: a generic type is its name, `y`, its arguments, `G`; what is made of types follows them.

/// Reads mangled names of types as far as it takes to know where one ends.
package enum HandleTypeName {
    /// Whether `name` is `Task<…>` or `Task<…>?` and nothing more.
    static func isHandle(_ name: ArraySlice<UInt8>) -> Bool { end(ofHandle: name) == name.endIndex }

    /// Where in the value of a variable (`$s…vp`, `$s…vpZ`) its handle lies: at 0, or behind a Mutex's own word. Nil when its
    /// type is another one.
    package static func handleOffset(inVariable mangled: String) -> UInt? {
        let name = Array(mangled.utf8)
        for suffix in ["vpZ", "vp"] where name.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) {
            let stem = name.dropLast(suffix.utf8.count)
            for start in stem.indices where stem[start...].starts(with: "ScTy".utf8) {
                guard let end = end(ofHandle: stem[start...]) else { continue }
                if end == stem.endIndex { return 0 }
                let isInMutex = stem[..<start].suffix(mutex.count).elementsEqual(mutex)
                if isInMutex, stem[end...].elementsEqual("G".utf8) { return mutexValueOffset }
            }
            return nil
        }
        return nil
    }

    /// A Mutex has 4 bytes of its own.
    static let mutexValueOffset: UInt = 8
    private static let mutex = Array("15Synchronization5MutexVy".utf8)

    /// Nil where the name does not begin with such a type, or with one that is not understood.
    private static func end(ofHandle name: ArraySlice<UInt8>) -> Int? {
        guard name.starts(with: "ScTy".utf8) else { return nil }
        var index = name.startIndex + 4
        var depth = 1
        var isAfterType = false
        while index < name.endIndex {
            let byte = name[index]
            switch byte {
            case 0x01...0x02: (index, isAfterType) = (index + 5, true)
            case UInt8(ascii: "G"):
                depth -= 1
                index += 1
                if depth == 0 {
                    return name[index...].starts(with: "Sg".utf8) ? index + 2 : index
                }
                isAfterType = false
            case UInt8(ascii: "y"):
                if isAfterType { depth += 1 }
                (index, isAfterType) = (index + 1, false)
            case UInt8(ascii: "S"):
                let isConcurrency = index + 1 < name.endIndex && name[index + 1] == UInt8(ascii: "c")
                let isOptional = index + 1 < name.endIndex && name[index + 1] == UInt8(ascii: "g")
                (index, isAfterType) = (index + (isConcurrency ? 3 : 2), !isOptional)
            case UInt8(ascii: "1")...UInt8(ascii: "9"):
                var length = 0
                while index < name.endIndex, let digit = digit(name[index]), length < 4096 {
                    length = length * 10 + digit
                    index += 1
                }
                (index, isAfterType) = (index + length, false)
            case UInt8(ascii: "V"), UInt8(ascii: "C"), UInt8(ascii: "O"): (index, isAfterType) = (index + 1, true)
            case UInt8(ascii: "A"):
                // Something said before: small letters, and a large one for the last.
                index += 1
                while index < name.endIndex, UInt8(ascii: "a")...UInt8(ascii: "z") ~= name[index] { index += 1 }
                (index, isAfterType) = (index + 1, true)
            case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "p"), UInt8(ascii: "_"):
                (index, isAfterType) = (index + 1, false)
            default: return nil
            }
        }
        return nil
    }

    private static func digit(_ byte: UInt8) -> Int? {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte ? Int(byte - UInt8(ascii: "0")) : nil
    }
}

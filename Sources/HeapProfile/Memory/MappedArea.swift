// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A mapping, and what of it is in memory. Source: proc(5), `/proc/self/maps`.
package struct MappedArea: Sendable, Equatable {
    package let range: Range<UInt>
    package let isReadable: Bool
    package let isWritable: Bool
    package let isShared: Bool
    /// Whether a file, or memory shared under a name, stands behind it.
    package let isFile: Bool
    /// A path, a name in brackets, or empty.
    package let name: String
    /// Bytes in memory.
    package internal(set) var resident: UInt = 0
    /// Of those, what no file stands behind: written to since it was mapped.
    package internal(set) var anonymous: UInt = 0

    package init(
        _ range: Range<UInt>, isReadable: Bool = true, isWritable: Bool = true, isShared: Bool = false,
        isFile: Bool = false, name: String = "", resident: UInt = 0, anonymous: UInt = 0
    ) {
        self.range = range
        self.isReadable = isReadable
        self.isWritable = isWritable
        self.isShared = isShared
        self.isFile = isFile
        self.name = name
        self.resident = resident
        self.anonymous = anonymous
    }

    /// Whether it is private memory without a name but what the program itself may have given it.
    var isAnonymous: Bool { !isFile && !isShared && (name.isEmpty || name.hasPrefix("[anon")) }

    /// The heap that brk(2) extends.
    package var isBrkHeap: Bool { name == "[heap]" }

    /// The mappings of a file of that form, in its order. Other lines are passed over.
    package static func parse(_ maps: [UInt8]) -> [MappedArea] {
        var areas: [MappedArea] = []
        maps.withUnsafeBufferPointer { bytes in
            var start = 0
            while start < bytes.count {
                var end = start
                while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
                if let area = MappedArea(UnsafeBufferPointer(rebasing: bytes[start..<end])) { areas.append(area) }
                start = end + 1
            }
        }
        return areas
    }

    /// Those of this process now; empty when /proc cannot be read. Cost: one file read, some 20 µs for 100 mappings.
    package static func current() -> [MappedArea] {
        SmallFile.bytes("/proc/self/maps").map(parse) ?? []
    }

    /// A line such as `7f0c1000-7f0c2000 r-xp 00026000 fe:01 1234    /lib/x.so`.
    private init?(_ line: UnsafeBufferPointer<UInt8>) {
        var fields = Fields(line)
        guard let start = fields.hexadecimal(until: UInt8(ascii: "-")),
            let end = fields.hexadecimal(until: Fields.space),
            start < end, let permissions = fields.next(), permissions.count == 4, fields.next() != nil,
            fields.next() != nil, let inode = fields.next()
        else { return nil }
        let name = fields.rest
        self.init(
            start..<end, isReadable: permissions[0] == UInt8(ascii: "r"),
            isWritable: permissions[1] == UInt8(ascii: "w"), isShared: permissions[3] == UInt8(ascii: "s"),
            isFile: inode.count != 1 || inode[0] != UInt8(ascii: "0"),
            name: name.isEmpty ? "" : String(decoding: name, as: UTF8.self))
    }

    /// The fields of a line, which blanks separate.
    private struct Fields {
        static let space = UInt8(ascii: " ")
        private let line: UnsafeBufferPointer<UInt8>
        private var place = 0

        init(_ line: UnsafeBufferPointer<UInt8>) { self.line = line }

        /// The digits before `end`, which is passed too.
        mutating func hexadecimal(until end: UInt8) -> UInt? {
            var number: UInt = 0
            var digits = 0
            while place < line.count, line[place] != end {
                let digit: UInt8
                switch line[place] {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = line[place] - UInt8(ascii: "0")
                case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = line[place] - UInt8(ascii: "a") + 10
                default: return nil
                }
                number = number << 4 | UInt(digit)
                digits += 1
                place += 1
            }
            guard place < line.count, digits > 0, digits <= 16 else { return nil }
            place += 1
            return number
        }

        mutating func next() -> UnsafeBufferPointer<UInt8>? {
            skipBlanks()
            let start = place
            while place < line.count, line[place] != Self.space { place += 1 }
            return place > start ? UnsafeBufferPointer(rebasing: line[start..<place]) : nil
        }

        var rest: UnsafeBufferPointer<UInt8> {
            mutating get {
                skipBlanks()
                return UnsafeBufferPointer(rebasing: line[place...])
            }
        }

        private mutating func skipBlanks() {
            while place < line.count, line[place] == Self.space { place += 1 }
        }
    }
}

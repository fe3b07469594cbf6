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
        maps.split(separator: UInt8(ascii: "\n")).compactMap(MappedArea.init)
    }

    /// Those of this process now; empty when /proc cannot be read. Cost: one file read, some 20 µs for 100 mappings.
    package static func current() -> [MappedArea] {
        SmallFile.bytes("/proc/self/maps").map(parse) ?? []
    }

    /// A line such as `7f0c1000-7f0c2000 r-xp 00026000 fe:01 1234    /lib/x.so`.
    private init?(_ line: ArraySlice<UInt8>) {
        let space = UInt8(ascii: " ")
        let fields = line.split(separator: space, maxSplits: 5, omittingEmptySubsequences: true)
        guard fields.count >= 5, fields[1].count == 4 else { return nil }
        let bounds = fields[0].split(separator: UInt8(ascii: "-"))
        guard bounds.count == 2, let start = UInt(String(decoding: bounds[0], as: UTF8.self), radix: 16),
            let end = UInt(String(decoding: bounds[1], as: UTF8.self), radix: 16), start < end
        else { return nil }
        let permissions = Array(fields[1])
        self.init(
            start..<end, isReadable: permissions[0] == UInt8(ascii: "r"),
            isWritable: permissions[1] == UInt8(ascii: "w"), isShared: permissions[3] == UInt8(ascii: "s"),
            isFile: Array(fields[4]) != [UInt8(ascii: "0")],
            name: fields.count > 5 ? String(decoding: fields[5].drop { $0 == space }, as: UTF8.self) : "")
    }
}

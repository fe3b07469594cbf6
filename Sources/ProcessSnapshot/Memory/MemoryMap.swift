// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What is mapped where, at one instant. Source: proc(5), `/proc/self/maps`. Cost: one file read, some 20 µs for 100 mappings.
package struct MemoryMap: Sendable {
    package struct Mapping: Sendable {
        package let range: Range<UInt>
        package let isReadable: Bool
        package let isWritable: Bool
        package let isExecutable: Bool
        package let isShared: Bool
        package let fileOffset: UInt
        package let inode: UInt
        /// A path, a name in brackets such as `[stack]`, or empty.
        package let name: String

        package var isFile: Bool { inode != 0 }
    }

    /// In order of address.
    package let mappings: [Mapping]

    package init(_ mappings: [Mapping]) {
        self.mappings = mappings
    }

    /// The mapping that has `address`. Cost: a binary search.
    package subscript(address: UInt) -> Mapping? {
        var low = 0
        var high = mappings.count
        while low < high {
            let middle = (low + high) / 2
            if mappings[middle].range.upperBound <= address { low = middle + 1 } else { high = middle }
        }
        return low < mappings.count && mappings[low].range.contains(address) ? mappings[low] : nil
    }

    /// The map of this process now; nil when /proc cannot be read.
    package static func current() -> MemoryMap? {
        ProcFile.bytes("/proc/self/maps").map {
            MemoryMap($0.split(separator: UInt8(ascii: "\n")).compactMap(Mapping.init))
        }
    }
}

extension MemoryMap.Mapping {
    /// A line such as `7f0c1000-7f0c2000 r-xp 00026000 fe:01 1234    /lib/x.so`.
    init?(_ line: ArraySlice<UInt8>) {
        var fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5, omittingEmptySubsequences: true)[...]
        guard fields.count >= 5 else { return nil }
        let bounds = fields.removeFirst().split(separator: UInt8(ascii: "-"))
        let permissions = Array(fields.removeFirst())
        guard bounds.count == 2, permissions.count == 4, let start = UInt(hexadecimal: bounds[0]),
            let end = UInt(hexadecimal: bounds[1]), start < end, let offset = UInt(hexadecimal: fields.removeFirst())
        else { return nil }
        fields.removeFirst()  // the device
        guard let inode = UInt(String(decoding: fields.removeFirst(), as: UTF8.self)) else { return nil }
        self.init(
            range: start..<end, isReadable: permissions[0] == UInt8(ascii: "r"),
            isWritable: permissions[1] == UInt8(ascii: "w"), isExecutable: permissions[2] == UInt8(ascii: "x"),
            isShared: permissions[3] == UInt8(ascii: "s"), fileOffset: offset, inode: inode,
            name: fields.first.map { String(decoding: $0.drop { $0 == UInt8(ascii: " ") }, as: UTF8.self) } ?? "")
    }
}

extension UInt {
    init?(hexadecimal digits: ArraySlice<UInt8>) {
        guard !digits.isEmpty, digits.count <= 16 else { return nil }
        var value: UInt = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        self = value
    }
}

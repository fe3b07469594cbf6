// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A line of /proc/self/maps that may belong to an ELF image: code, or the beginning of a file.
struct ImageMapping: Hashable {
    struct File: Hashable {
        let path: String
        let device: String
        let inode: UInt64
    }

    let range: Range<UInt>
    let isExecutable: Bool
    let fileOffset: UInt
    let file: File

    static let vdso = "[vdso]"

    /// Nil for other lines: data, anonymous memory, the kernel's old vsyscall page. Source: proc(5).
    init?(_ line: UnsafeRawBufferPointer) {
        var rest = line[...]
        func field() -> Slice<UnsafeRawBufferPointer> {
            rest = rest.drop { $0 == UInt8(ascii: " ") }
            let field = rest.prefix { $0 != UInt8(ascii: " ") }
            rest = rest[field.endIndex...]
            return field
        }
        let bounds = field()
        let permissions = field()
        guard permissions.count == 4 else { return nil }
        isExecutable = permissions[permissions.startIndex + 2] == UInt8(ascii: "x")
        let offset = field()
        guard isExecutable || offset.allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
        let device = field()
        guard let inode = UInt64(String(decoding: field(), as: UTF8.self)) else { return nil }
        let path = String(decoding: rest.drop { $0 == UInt8(ascii: " ") }, as: UTF8.self)
        guard inode != 0 || path == Self.vdso, let dash = bounds.firstIndex(of: UInt8(ascii: "-")),
            let start = Self.hexadecimal(bounds[..<dash]), let end = Self.hexadecimal(bounds[(dash + 1)...]),
            start < end,
            let fileOffset = Self.hexadecimal(offset)
        else { return nil }
        range = start..<end
        self.fileOffset = fileOffset
        file = File(path: path, device: String(decoding: device, as: UTF8.self), inode: inode)
    }

    private static func hexadecimal(_ digits: Slice<UnsafeRawBufferPointer>) -> UInt? {
        guard !digits.isEmpty, digits.count <= 16 else { return nil }
        var value: UInt = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt(digit &- UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt(digit &- UInt8(ascii: "a") &+ 10)
            default: return nil
            }
        }
        return value
    }

    /// Those of this process now. Takes no lock of the loader: a thread may be stuck in dlopen.
    ///
    /// Cost: some 50 µs for 100 mappings. Empty when /proc is not mounted.
    static func current() -> [ImageMapping] {
        guard let file = OpenFile("/proc/self/maps") else { return [] }
        var text: [UInt8] = []
        while true {
            let part = file.bytes(at: UInt64(text.count), atMost: 1 << 16)
            text += part
            if part.count < 1 << 16 || text.count > 1 << 28 { break }
        }
        return text.withUnsafeBytes { bytes in
            bytes.split(separator: UInt8(ascii: "\n")).compactMap { ImageMapping(UnsafeRawBufferPointer(rebasing: $0)) }
        }
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The ELF header and the program headers: how a file is laid out in memory. 64 bits, little-endian. Source: elf(5).
struct ElfHeader: Equatable, Sendable {
    struct Segment: Equatable, Sendable {
        let type: UInt32
        let flags: UInt32
        let offset: UInt64
        let address: UInt64
        let fileSize: UInt64
        let memorySize: UInt64

        static let load: UInt32 = 1
        static let note: UInt32 = 4
        var isExecutable: Bool { flags & 1 != 0 }
    }

    let segments: [Segment]
    let sectionTableOffset: UInt64
    let sectionEntrySize: Int
    let sectionCount: Int
    let sectionNamesIndex: Int

    init?(_ file: OpenFile) {
        guard let start = file.exactly(64, at: 0) else { return nil }
        var programOffset: UInt64 = 0
        var programEntrySize = 0
        var programCount = 0
        var sectionOffset: UInt64 = 0
        var sections: (size: Int, count: Int, names: Int) = (0, 0, 0)
        let isElf = start.withUnsafeBytes { bytes in
            guard bytes.prefix(6).elementsEqual([0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { return false }
            var cursor = ByteCursor(bytes, at: 32)
            programOffset = cursor.integer()
            sectionOffset = cursor.integer()
            cursor.skip(6)  // flags, size of this header
            programEntrySize = Int(cursor.integer(UInt16.self))
            programCount = Int(cursor.integer(UInt16.self))
            sections.size = Int(cursor.integer(UInt16.self))
            sections.count = Int(cursor.integer(UInt16.self))
            sections.names = Int(cursor.integer(UInt16.self))
            return true
        }
        guard isElf, programEntrySize >= 56, programCount <= 1024,
            let table = file.exactly(UInt64(programEntrySize * programCount), at: programOffset)
        else { return nil }
        segments = table.withUnsafeBytes { bytes in
            (0..<programCount).map { index in
                var cursor = ByteCursor(bytes, at: index * programEntrySize)
                let type = cursor.integer(UInt32.self)
                let flags = cursor.integer(UInt32.self)
                let offset = cursor.integer(UInt64.self)
                let address = cursor.integer(UInt64.self)
                cursor.skip(8)  // physical address
                return Segment(
                    type: type, flags: flags, offset: offset, address: address, fileSize: cursor.integer(),
                    memorySize: cursor.integer())
            }
        }
        sectionTableOffset = sectionOffset
        sectionEntrySize = sections.size
        sectionCount = sections.count
        sectionNamesIndex = sections.names
    }

    /// The lowest address of anything loaded, before relocation.
    var lowestAddress: UInt64 { segments.filter { $0.type == Segment.load }.map(\.address).min() ?? 0 }

    /// The address of byte 0 of the file, before relocation.
    var startAddress: UInt64 {
        let first = segments.first { $0.type == Segment.load && $0.offset & ~4095 == 0 }
        return first.map { $0.address &- $0.offset } ?? lowestAddress
    }

    /// The lowest address of code, before relocation. Debug information of functions the linker dropped lies below it.
    var lowestCode: UInt64 {
        segments.filter { $0.type == Segment.load && $0.isExecutable }.map(\.address).min() ?? 0
    }

    /// The content of NT_GNU_BUILD_ID; empty when there is none. `place` gives the offset in `file` for a segment.
    func buildID(in file: OpenFile, place: (Segment) -> UInt64) -> [UInt8] {
        for segment in segments where segment.type == Segment.note && segment.fileSize <= 1 << 16 {
            let notes = file.bytes(at: place(segment), atMost: Int(segment.fileSize))
            let found = notes.withUnsafeBytes { bytes -> [UInt8]? in
                var cursor = ByteCursor(bytes)
                while !cursor.isAtEnd {
                    let nameSize = cursor.integer(UInt32.self)
                    let size = cursor.integer(UInt32.self)
                    let type = cursor.integer(UInt32.self)
                    let name = cursor.position
                    cursor.skip((UInt64(nameSize) + 3) & ~3)
                    let content = cursor.position
                    cursor.skip((UInt64(size) + 3) & ~3)
                    guard !cursor.failed else { return nil }
                    if type == 3, nameSize == 4, bytes[name..<(name + 4)].elementsEqual("GNU\0".utf8) {
                        return Array(bytes[content..<(content + Int(size))])
                    }
                }
                return nil
            }
            if let found { return found }
        }
        return []
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The sections of an ELF file. Source: elf(5).
struct ElfSections {
    struct Section {
        let type: UInt32
        let flags: UInt64
        let address: UInt64
        let offset: UInt64
        let size: UInt64
        let link: Int
    }

    private let all: [Section]
    private let indexByName: [String: Int]

    init(_ header: ElfHeader, in file: OpenFile) {
        let size = header.sectionEntrySize
        guard size >= 64, let table = file.exactly(UInt64(size * header.sectionCount), at: header.sectionTableOffset)
        else {
            all = []
            indexByName = [:]
            return
        }
        var names: [UInt32] = []
        all = table.withUnsafeBytes { bytes in
            (0..<header.sectionCount).map { index in
                var cursor = ByteCursor(bytes, at: index * size)
                names.append(cursor.integer())
                let type = cursor.integer(UInt32.self)
                let flags = cursor.integer(UInt64.self)
                let address = cursor.integer(UInt64.self)
                let offset = cursor.integer(UInt64.self)
                let length = cursor.integer(UInt64.self)
                return Section(
                    type: type, flags: flags, address: address, offset: offset, size: length,
                    link: Int(cursor.integer(UInt32.self)))
            }
        }
        var indexByName: [String: Int] = [:]
        if header.sectionNamesIndex < all.count,
            let text = file.exactly(
                all[header.sectionNamesIndex].size, at: all[header.sectionNamesIndex].offset, limit: 1 << 24)
        {
            text.withUnsafeBytes { bytes in
                for (index, name) in names.enumerated() {
                    var cursor = ByteCursor(bytes, at: Int(name))
                    let name = String(decoding: cursor.text(), as: UTF8.self)
                    if indexByName[name] == nil { indexByName[name] = index }
                }
            }
        }
        self.indexByName = indexByName
    }

    /// A section with content in this file; nil for one that is compressed, which would need zlib.
    subscript(_ name: String) -> Section? {
        guard let index = indexByName[name] else { return nil }
        let noBits: UInt32 = 8
        let compressed: UInt64 = 1 << 11
        return all[index].type == noBits || all[index].flags & compressed != 0 ? nil : all[index]
    }

    /// Where the sections with code are, before relocation.
    var code: [Range<UInt64>] {
        all.filter { $0.flags & 4 != 0 && $0.size > 0 }
            .map { $0.address..<($0.address + min($0.size, UInt64.max - $0.address)) }
    }

    subscript(index: Int) -> Section? { all.indices.contains(index) ? all[index] : nil }
}

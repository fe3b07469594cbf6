// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Found by /proc/self/maps and the ELF headers in memory, not by dl_iterate_phdr: that takes a lock of the loader, and a
// thread that is stuck in there must not keep the endpoint from showing so.

/// Where the unwind tables of the loaded modules lie. Valid for one look; nothing is trusted, so a module that is unloaded
/// meanwhile only ends a stack early.
struct UnwindTables {
    /// The table `.eh_frame_hdr` of a module, for the code in `range`.
    struct Module {
        let range: Range<UInt>
        let index: UInt
    }

    private let modules: [Module]

    init(_ map: MemoryMap) {
        var modules: [Module] = []
        var header: (inode: UInt, name: String, base: UInt, index: UInt?)?
        for mapping in map.mappings where mapping.isFile || mapping.name == "[vdso]" {
            if mapping.fileOffset == 0, mapping.isReadable, let index = Self.index(ofImageAt: mapping.range.lowerBound)
            {
                header = (mapping.inode, mapping.name, mapping.range.lowerBound, index)
            }
            if mapping.isExecutable, let header, header.inode == mapping.inode, header.name == mapping.name,
                let index = header.index
            {
                modules.append(Module(range: mapping.range, index: index))
            }
        }
        self.modules = modules
    }

    func module(of address: UInt) -> Module? {
        modules.first { $0.range.contains(address) }
    }

    /// The address of PT_GNU_EH_FRAME of the ELF image whose header is at `base`.
    private static func index(ofImageAt base: UInt) -> UInt? {
        let header = ProcessMemory.bytes(base, count: 64)
        guard header.count == 64, header[0...3].elementsEqual([0x7f, 0x45, 0x4c, 0x46]), header[4] == 2 else {
            return nil
        }
        var fields = ByteReader(header, at: 32)
        guard let table = fields.integer(UInt64.self) else { return nil }
        fields = ByteReader(header, at: 54)
        guard let size = fields.integer(UInt16.self), let count = fields.integer(UInt16.self), size >= 56 else {
            return nil
        }
        var bias: UInt?
        var index: UInt?
        let entries = ProcessMemory.bytes(base &+ UInt(table), count: Int(size) * Int(count))
        for entry in 0..<Int(count) {
            var fields = ByteReader(entries, at: entry * Int(size))
            guard let type = fields.integer(UInt32.self) else { break }
            fields.skip(4)
            guard let offset = fields.integer(UInt64.self), let address = fields.integer(UInt64.self) else { break }
            if type == 1, bias == nil { bias = base &+ UInt(offset) &- UInt(address) }
            if type == 0x6474_e550 { index = UInt(address) }
        }
        guard let bias, let index else { return nil }
        return bias &+ index
    }
}

extension UnwindTables.Module {
    /// The address of the frame description entry that may cover `address`. Cost: a binary search, some 15 small reads.
    func description(for address: UInt) -> UInt? {
        let header = ProcessMemory.bytes(index, count: 32)
        // The table is sorted; both halves of an entry are 4 bytes from the header's start.
        guard header.count >= 12, header[0] == 1, header[3] == 0x3b else { return nil }
        var reader = ByteReader(header, at: 4)
        guard reader.encodedAddress(header[1], place: index, data: index) != nil,
            let count = reader.encodedAddress(header[2], place: index, data: index), count > 0, count < 1 << 28
        else { return nil }
        let table = index &+ UInt(reader.position)
        let wanted = Int(bitPattern: address &- index)
        func entry(_ number: Int) -> (start: Int, description: Int)? {
            ProcessMemory.load(table &+ UInt(number) &* 8, as: SIMD2<Int32>.self).map { (Int($0.x), Int($0.y)) }
        }
        var low = 0
        var high = Int(count)
        while low < high {
            let middle = (low + high) / 2
            guard let start = entry(middle)?.start else { return nil }
            if start <= wanted { low = middle + 1 } else { high = middle }
        }
        guard low > 0, let found = entry(low - 1) else { return nil }
        return index &+ UInt(bitPattern: found.description)
    }
}

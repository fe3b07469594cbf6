// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// glibc gives a large block a mapping of its own: the block starts 16 bytes into a page, and bit 1 of the word before it says so.
// Mappings that touch are one to the kernel, so blocks are found by the tap's map, and their sizes by that word.
private import CAllocationTap

/// Blocks of glibc's that are mappings of their own.
enum MappedBlocks {
    private static let isMapped: UInt = 2

    /// Their mappings in writable memory that no file stands behind, but for the ranges that are known to be something else.
    /// Empty without a tap, or over another allocator. Cost: one byte of the map for each page.
    static func find(_ areas: [MappedArea], outside known: AddressRanges, _ words: WordReader) -> [Range<UInt>] {
        guard TapRefusal.current == nil, alloctap_is_glibc() != 0 else { return [] }
        var found: [Range<UInt>] = []
        var next = 0
        for area in areas where area.isWritable && area.isAnonymous && area.resident > 0 {
            var page = area.range.lowerBound
            while page < area.range.upperBound {
                while next < known.ranges.count, known.ranges[next].upperBound <= page { next += 1 }
                if next < known.ranges.count, known.ranges[next].lowerBound <= page {
                    page = (known.ranges[next].upperBound + 4095) & ~4095
                } else if alloctap_block_at(page + 16) != 0, let word = words.load(page + 8, as: UInt.self),
                    let end = end(of: page, word, in: area.range)
                {
                    found.append(page..<end)
                    page = end
                } else {
                    page += 4096
                }
            }
        }
        return found
    }

    private static func end(of page: UInt, _ word: UInt, in area: Range<UInt>) -> UInt? {
        let size = word & ~7
        guard word & isMapped != 0, size & 4095 == 0, size > 0, size <= area.upperBound - page else { return nil }
        return page + size
    }
}

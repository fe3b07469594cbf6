// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Where glibc's heap is, exactly: what lies outside is a root, also where the kernel shows both as one mapping. Arenas of threads
// have heaps (`GlibcHeap`); a large block has a mapping of its own, of which the word before the block tells the size.
// Source: glibc, malloc/malloc.c, 2.10 to 2.43.
private import CAllocationTap

/// The stretches of address space that glibc's malloc gives blocks from.
package enum HeapExtents {
    /// Those in `writable`, private writable memory that no file stands behind, but for the one that brk(2) extends.
    /// Cost: a system call for each 64 MiB of it and for each block outside of arenas.
    package static func find(in writable: [Range<UInt>], read: @escaping MemoryReader) -> [Range<UInt>] {
        let words = WordReader(read: read)
        let alignment = GlibcHeap.alignment
        var extents: [Range<UInt>] = []
        for area in writable {
            var arenas: [Range<UInt>] = []
            var start = (area.lowerBound + alignment - 1) & ~(alignment - 1)
            while start < area.upperBound {
                if let heap = arenaHeap(at: start, in: area, words) { arenas.append(heap) }
                start += alignment
            }
            extents += arenas
            // What is left holds blocks with mappings of their own, if any.
            var next = area.lowerBound
            for arena in arenas + [area.upperBound..<area.upperBound] {
                if next < arena.lowerBound { extents += mappedBlocks(in: next..<arena.lowerBound, words) }
                next = arena.upperBound
            }
        }
        return extents
    }

    /// The first arena's record, which lies in one of `libraryData`, the writable data of libc.
    package static func mainArena(in libraryData: [Range<UInt>], read: @escaping MemoryReader) -> [Range<UInt>] {
        for range in libraryData where range.count <= 1 << 20 {
            let found = withUnsafeTemporaryAllocation(byteCount: range.count, alignment: 16) { buffer -> Range<UInt>? in
                let got = read(range.lowerBound, buffer)
                let words = UnsafeRawBufferPointer(rebasing: buffer[..<got]).assumingMemoryBound(to: UInt.self)
                return MainArena.find(in: words, at: range.lowerBound)
            }
            if let found { return [found] }
        }
        return []
    }

    /// It may have grown since `area` was read.
    private static func arenaHeap(at start: UInt, in area: Range<UInt>, _ words: WordReader) -> Range<UInt>? {
        guard let record = words.words(start, count: 4),
            let heap = GlibcHeap(record, at: start, in: start..<start + GlibcHeap.alignment)
        else { return nil }
        return start..<min(heap.range.upperBound, area.upperBound)
    }

    private static func mappedBlocks(in range: Range<UInt>, _ words: WordReader) -> [Range<UInt>] {
        var extents: [Range<UInt>] = []
        var starts = [UInt](repeating: 0, count: 256)
        var from = range.lowerBound
        while true {
            let count = alloctap_blocks(from, range.upperBound, &starts, starts.count)
            for start in starts[..<count] {
                // Behind padding for the alignment, the chunk begins with that padding's size and its own, flagged 2.
                guard let header = words.words(start - 16, count: 2), header[1] & 7 == 2 else { continue }
                let size = header[1] & ~7
                let first = start - 16 &- header[0]
                guard first & 4095 == 0, first >= range.lowerBound, first < start, size < 1 << 47,
                    start - 16 + size <= range.upperBound,
                    (first &+ header[0] &+ size) & 4095 == 0
                else { continue }
                extents.append(first..<start - 16 + size)
            }
            guard count == starts.count, let last = starts.last else { return extents }
            from = last + 1
        }
    }
}

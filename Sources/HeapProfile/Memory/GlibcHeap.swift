// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// An arena of a thread has heaps of up to 64 MiB, each aligned to that and beginning with a record of itself; the arena's own
// record lies behind the first one's. Read without faults and without the arena's lock, and believed only where all of it fits
// together. Source: glibc, malloc/arena.c (heap_info; HEAP_MAX_SIZE is twice DEFAULT_MMAP_THRESHOLD_MAX), 2.10 to 2.43.

/// A heap of one of glibc's arenas for threads.
struct GlibcHeap: Equatable {
    /// As much of it as the allocator uses.
    let range: Range<UInt>
    /// The arena's record.
    let arena: UInt

    static let alignment: UInt = 1 << 26

    /// Those in writable memory that no file stands behind. Cost: a system call for each 64 MiB of it.
    static func find(_ areas: [MappedArea], _ words: WordReader) -> [GlibcHeap] {
        var heaps: [GlibcHeap] = []
        for area in areas where area.isWritable && area.isAnonymous {
            var start = (area.range.lowerBound + alignment - 1) & ~(alignment - 1)
            while start < area.range.upperBound {
                if let record = words.words(start, count: 5), let heap = GlibcHeap(record, at: start, in: area.range) {
                    heaps.append(heap)
                }
                start += alignment
            }
        }
        return heaps
    }

    /// The record is: arena, previous heap of it, size, size that was ever used; since 2.35 the page size.
    init?(_ record: [UInt], at start: UInt, in area: Range<UInt>) {
        guard record.count >= 4 else { return nil }
        let (arena, previous, size, used) = (record[0], record[1], record[2], record[3])
        let isFirst = arena & ~(Self.alignment - 1) == start
        let place = arena & (Self.alignment - 1)
        guard place == 0x20 || place == 0x30, previous & (Self.alignment - 1) == 0, (previous == 0) == isFirst,
            size > 0, size & 4095 == 0, used & 4095 == 0, size <= used, used <= Self.alignment,
            start + size <= area.upperBound
        else { return nil }
        range = start..<min(start + used, area.upperBound)
        self.arena = arena
    }
}

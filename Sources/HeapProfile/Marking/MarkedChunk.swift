// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What a marker knows of 64 MiB of address space: a bit for each granule of 16 bytes, a hash for each page of 4 KiB.
///
/// Memory: 2.2 MiB of address space, of which only what is touched costs memory: 1/29 of the heap at most.
struct MarkedChunk {
    static let bits: UInt = 26
    static let size: UInt = 1 << bits
    static let pages = 1 << 14
    private static let granuleWords = 1 << 16

    let start: UInt
    /// What is known of 64 granules, a bit each. Side by side, as who looks at one looks at the others: heaps are larger than
    /// caches.
    struct Granules {
        /// Reached. Also set where a pointer into a block was resolved once, so that it is not again.
        var marks: UInt64
        /// Reached and not yet looked at.
        var pending: UInt64
        /// Blocks that somebody asked about: watched or gated.
        var special: UInt64
        fileprivate var unused: UInt64 = 0
    }
    let granules: UnsafeMutablePointer<Granules>
    /// 0 for a page that was not read.
    let hashes: UnsafeMutablePointer<UInt64>
    /// Pages with a pending block.
    let queued: UnsafeMutablePointer<UInt64>
    /// Pages that two readings found different.
    let hot: UnsafeMutablePointer<UInt64>
    /// Pages of `granules` that were written to.
    private let prepared: UnsafeMutablePointer<UInt64>

    /// How much memory the tables need.
    static let tableSize = granuleWords * MemoryLayout<Granules>.stride + pages * 8 + pages / 4 + preparedBytes
    private static let preparedBytes = (granuleWords * MemoryLayout<Granules>.stride) >> 15

    /// `memory` has `tableSize` zeros and outlives this. Nothing here is counted, so that a copy costs nothing.
    init(start: UInt, in memory: UnsafeMutableRawPointer) {
        let bytes = Self.granuleWords * MemoryLayout<Granules>.stride
        self.start = start
        func table(_ offset: Int, _ count: Int) -> UnsafeMutablePointer<UInt64> {
            (memory + offset).bindMemory(to: UInt64.self, capacity: count)
        }
        granules = memory.bindMemory(to: Granules.self, capacity: Self.granuleWords)
        hashes = table(bytes, Self.pages)
        queued = table(bytes + Self.pages * 8, Self.pages / 64)
        hot = table(bytes + Self.pages * 8 + Self.pages / 8, Self.pages / 64)
        prepared = table(bytes + Self.pages * 8 + Self.pages / 4, Self.preparedBytes / 8)
    }

    /// To be called before bits of the granule are read. A page that is read first and written to then is two page faults, the second of which
    /// interrupts every processor that runs a thread of this process.
    @inline(__always)
    func prepare(_ granule: Int) {
        let page = granule >> 13
        let bit = UInt64(1) << UInt64(page & 63)
        if prepared[page >> 6] & bit != 0 { return }
        prepared[page >> 6] |= bit
        granules[granule >> 6].unused = 1
    }

    /// Every page that was read or that something was reached in is to be read again.
    func requeue() {
        for page in 0..<Self.pages where hashes[page] != 0 || hasMarks(page) { queue(page) }
    }

    /// What was reached in the page is to be looked at again, with the block behind it: its size lies here.
    func requeue(page: Int) {
        for word in page * 4..<page * 4 + 4 { granules[word].pending |= granules[word].marks }
        queue(page)
        guard page + 1 < Self.pages, granules[page * 4 + 4].marks & 1 != 0 else { return }
        granules[page * 4 + 4].pending |= 1
        queue(page + 1)
    }

    @inline(__always)
    func queue(_ page: Int) { queued[page >> 6] |= 1 << UInt64(page & 63) }

    private func hasMarks(_ page: Int) -> Bool {
        let first = granules + page * 4
        return first[0].marks | first[1].marks | first[2].marks | first[3].marks != 0
    }
}

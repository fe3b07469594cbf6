// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Live blocks by type, taken while the program runs on. Nothing is stopped and no lock is taken: the tap's map says where
// blocks are, and the kernel copies the beginning of each. A block that is freed, and its memory used again, between the two
// looks can be counted for what lies there now, or not at all; every other block is counted for what it is.
private import CAllocationTap

/// A walk over the map of live blocks.
package struct BlockCensus {
    /// What a census must know of the process.
    package struct Surroundings: Sendable {
        let read: MemoryReader
        let images: AddressRanges
        let mapped: AddressRanges
        let brk: Range<UInt>

        /// - Parameters:
        ///   - images: everything mapped from files, and the zeroed data behind it.
        ///   - mapped: everything that is mapped and can be read; what touches is one.
        ///   - brk: the heap that brk(2) extends; empty when there is none.
        package init(read: @escaping MemoryReader, images: AddressRanges, mapped: AddressRanges, brk: Range<UInt>) {
            self.read = read
            self.images = images
            self.mapped = mapped
            self.brk = brk
        }
    }

    /// Counts every live block. Nil when `isCancelled` said so, or when there is no memory for the copies.
    ///
    /// Cost: a heap of 1 GiB in 10 million blocks takes about a second, and 4 MiB. One thread; `isCancelled` is asked every
    /// 32 thousand blocks. Pages that are not in memory stay where they are.
    package static func take(_ surroundings: Surroundings, isCancelled: () -> Bool) -> BlockCounts? {
        guard let buffers = Buffers(), let tally = BlockTally(surroundings) else { return nil }
        var census = BlockCensus(surroundings, buffers, tally)
        for stretch in stretches() where !census.walk(stretch, isCancelled) { return nil }
        census.classify(pendingUpTo: nil)
        return census.tally.finish()
    }

    private final class Buffers {
        let pages: ScratchPages
        let starts: UnsafeMutablePointer<UInt>
        let copy: UnsafeMutableRawPointer

        init?() {
            let startBytes = BlockCensus.batch * MemoryLayout<UInt>.stride
            // A block at the end of a copy is looked at as if all of its head were there.
            guard let pages = ScratchPages(count: startBytes + BlockCensus.runSize + 4096) else { return nil }
            self.pages = pages
            starts = pages.start.bindMemory(to: UInt.self, capacity: BlockCensus.batch)
            copy = pages.start + startBytes
        }
    }

    private static let batch = 1 << 15
    /// What one call copies at most.
    private static let runSize = 1 << 16
    /// Blocks that are further apart are copied apart. A page between two that are closer is in memory: one of them lies in it.
    private static let widestGap: UInt = 4096
    /// What is copied of a block; no block of glibc's has less room.
    private static let head: UInt = 24

    /// What must be there of a block, and before it: other allocators have smaller blocks and nothing before them.
    private var least: UInt { isGlibc ? Self.head : 16 }
    private var header: UInt { isGlibc ? 8 : 0 }

    private let read: MemoryReader
    private let buffers: Buffers
    private var tally: BlockTally
    private let isGlibc = alloctap_is_glibc() != 0
    private let present = PresentPages()
    /// How many starts wait in the buffer, the last of them for the next one.
    private var pending = 0

    private init(_ surroundings: Surroundings, _ buffers: Buffers, _ tally: BlockTally) {
        read = surroundings.read
        self.buffers = buffers
        self.tally = tally
        self.tally.setUp(present, isGlibc: isGlibc)
    }

    /// The regions that ever held blocks, joined where they touch.
    private static func stretches() -> [Range<UInt>] {
        let size = UInt(alloctap_region_size)
        return AddressRanges(
            (0..<alloctap_region_count()).map { index in
                let start = alloctap_region_start(index)
                return start..<start + (start == 0 ? 0 : size)
            }
        ).ranges
    }

    private mutating func walk(_ stretch: Range<UInt>, _ isCancelled: () -> Bool) -> Bool {
        var from = stretch.lowerBound
        while from < stretch.upperBound {
            if isCancelled() { return false }
            let room = Self.batch - pending
            let found = alloctap_blocks(from, stretch.upperBound, buffers.starts + pending, room)
            pending += found
            if found < room { break }
            from = buffers.starts[pending - 1] + 1
            classify(pendingUpTo: pending - 1)
        }
        return true
    }

    /// Classifies the pending blocks; the one at `last` is kept, as only the next one tells how far it can reach.
    private mutating func classify(pendingUpTo last: Int?) {
        let count = last ?? pending
        var index = 0
        while index < count { index = classifyRun(from: index, to: count) }
        if let last {
            buffers.starts[0] = buffers.starts[last]
            pending = 1
        } else {
            pending = 0
        }
    }

    /// Reads blocks that lie close together at once; returns the first that it did not come to.
    private mutating func classifyRun(from first: Int, to count: Int) -> Int {
        let starts = buffers.starts
        guard isReadable(starts[first]) else {
            classifyAlone(first)
            return first + 1
        }
        let base = starts[first] - header
        var end = first + 1
        while end < count, starts[end] - starts[end - 1] < Self.widestGap,
            starts[end] + Self.head - base <= UInt(Self.runSize), isReadable(starts[end])
        {
            end += 1
        }
        let wanted = Int(starts[end - 1] + Self.head - base)
        let got = read(base, UnsafeMutableRawBufferPointer(start: buffers.copy, count: wanted))
        var index = first
        while index < end {
            let offset = Int(starts[index] - base)
            if offset + Int(least) > got { break }  // unmapped meanwhile
            let block = UnsafeRawPointer(buffers.copy + offset)
            tally.count(starts[index], next: next(index), block)
            index += 1
        }
        if index == first {
            tally.countUnread()
            index += 1
        }
        return index
    }

    /// Where the block after the one at `index` starts.
    @inline(__always)
    private func next(_ index: Int) -> UInt {
        index + 1 < pending ? buffers.starts[index + 1] : .max
    }

    /// Whether all that is looked at of a block is in memory, so that looking makes no page resident.
    @inline(__always)
    private func isReadable(_ start: UInt) -> Bool {
        guard let present else { return true }
        guard present.contains(start) else { return false }
        // The word before and the last one looked at may lie in the neighbouring pages.
        return start & 4095 >= 8 && start & 4095 <= 4096 - Self.head
            || present.contains(start - header) && present.contains(start + least - 1)
    }

    /// A block that is in no memory yet, such as a large one that nobody has written to: only its size can be had.
    private mutating func classifyAlone(_ index: Int) {
        let start = buffers.starts[index]
        buffers.copy.initializeMemory(as: UInt64.self, repeating: 0, count: 4)
        if isGlibc {
            guard present?.contains(start - 8) == true,
                read(start - 8, UnsafeMutableRawBufferPointer(start: buffers.copy, count: 8)) == 8
            else { return tally.countUnread() }
        }
        tally.count(start, next: next(index), UnsafeRawPointer(buffers.copy + 8))
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A conservative mark over the blocks of malloc, of a process that runs on meanwhile. Every aligned word of a root or of a
// reached block that, without the bits that Swift uses for other things, is an address in a live block reaches that block.
//
// Blocks that were reached and not looked at are bits, and the pages that have any are bits of another table. Sweeping over the
// pages in order of address reads neighbours in one system call and needs no work list that could run full.
//
// Pages are hashed when they are read. One that gives the same hash in two readings held that content all the time between, but
// for one that went and came back; the others are called hot.
private import CAllocationTap
import Glibc

/// Marks what can be reached. One thread only; stops nobody, takes no lock, and no address that it keeps lies in a root.
package final class HeapMarker {
    /// A reference to a block that is gated, about to be counted.
    package struct Reference {
        /// Where it lies, and what it is.
        package let location: UInt
        package let target: UInt
        /// The block that it lies in; empty in a root.
        package let block: Range<UInt>
        let read: MemoryReader
        /// The first words of the block as they are now; nil where it has not so many. Cost: a system call.
        package func blockWords(_ count: Int) -> [UInt]? {
            block.count < count * 8 ? nil : WordReader(read: read).words(block.lowerBound, count: count)
        }
    }

    /// Whether a reference to a gated block counts; asked for each one found.
    package var counts: (Reference) -> Bool = { _ in true }
    /// Gated blocks and ranges that a counted reference leads into, and watched blocks that were reached, since last taken.
    package internal(set) var reached: [UInt] = []
    /// Bytes read.
    package internal(set) var scannedBytes = 0
    /// Whether something could not be seen for want of memory, of the marker's or of the tap's.
    package internal(set) var isIncomplete = false

    /// Whether pages that were never read before count as hot: there is no earlier content that they could be held against.
    package var newPagesAreHot = false

    /// Whether ``origin(within:notFrom:)`` can be asked afterwards. Costs memory for each block.
    package var keepsOrigins: Bool {
        get { place.pointee.keepsOrigins }
        set { place.pointee.keepsOrigins = newValue }
    }
    /// `order` tells what was found first.
    var origins: [UInt: (location: UInt, block: UInt, order: Int)] = [:]

    let read: MemoryReader
    let chunkNumbers: UnsafeMutablePointer<UInt16>
    let chunkNumbersMemory: ScratchPages
    /// Not arrays and properties: each access to those is checked and counted, once for every word of the heap.
    let chunks: UnsafeMutablePointer<MarkedChunk>
    let chunksMemory: ScratchPages
    var chunkCount = 0
    var chunkTables: [ScratchPages] = []
    let place: UnsafeMutablePointer<Place>
    var gated: [UInt: Range<UInt>] = [:]
    /// Whether each was reached.
    var hollow: [UInt: Bool] = [:]
    var gatedRanges: [Range<UInt>] = []
    var interiors: [(start: UInt, address: UInt, location: UInt, block: UInt)] = []
    var largeBlocks = LargeBlocks()

    let buffer: ScratchPages
    let largeBuffer: ScratchPages
    /// What is being looked at. Not properties, as above.
    struct Place {
        var keepsOrigins = false
        /// From an address in the buffer to that in the process.
        var shift: UInt = 0
        var block: Range<UInt> = 0..<0
    }

    static let holdsBlocks: UInt16 = 1 << 15
    static let holdsGatedRange: UInt16 = 1 << 14
    static let numberMask: UInt16 = holdsGatedRange - 1
    static let longestRun = 64
    static let page = 4096
    static let largeChunk = 1 << 20
    static let addressBits: UInt = 47
    static let addressMask: UInt = 0x00ff_ffff_ffff_fff8
    static let granuleMask = (1 << 22) - 1

    /// Nil when the kernel gives no memory, or no allocations are seen, or the allocator is not glibc's.
    package init?(read: @escaping MemoryReader) {
        guard alloctap_state() == alloctap_active, alloctap_is_glibc() != 0,
            let numbers = ScratchPages(count: 2 << (Self.addressBits - MarkedChunk.bits)),
            let chunksMemory = ScratchPages(count: Int(Self.numberMask) * MemoryLayout<MarkedChunk>.stride),
            let buffer = ScratchPages(count: (Self.longestRun + 3) * Self.page),
            let largeBuffer = ScratchPages(count: Self.largeChunk)
        else { return nil }
        self.read = read
        self.buffer = buffer
        self.chunksMemory = chunksMemory
        chunks = chunksMemory.start.bindMemory(to: MarkedChunk.self, capacity: Int(Self.numberMask))
        // The buffer's last page.
        place = (buffer.start + (Self.longestRun + 2) * Self.page).bindMemory(to: Place.self, capacity: 1)
        place.initialize(to: Place())
        self.largeBuffer = largeBuffer
        chunkNumbersMemory = numbers
        chunkNumbers = numbers.start.bindMemory(
            to: UInt16.self, capacity: 1 << Int(Self.addressBits - MarkedChunk.bits))
        var totals = alloctap_totals()
        alloctap_read_totals(&totals)
        isIncomplete = totals.unmapped_blocks > 0
        alloctap_reveal()
        noteRegions()
    }

    /// Memory that is neither root nor heap: the marker's and the tap's.
    package var ownMemory: [Range<UInt>] {
        var ranges =
            chunkTables.map(\.range) + [chunkNumbersMemory.range, chunksMemory.range, buffer.range, largeBuffer.range]
        var mapping = alloctap_mapping()
        var index = 0
        while alloctap_own_mapping(index, &mapping) != 0 {
            ranges.append(mapping.start..<mapping.start + UInt(mapping.size))
            index += 1
        }
        return ranges
    }

    /// Regions in which blocks have come up since.
    func noteRegions() {
        for index in 0..<alloctap_region_count() {
            let start = alloctap_region_start(index)
            guard start != 0 || index == 0, let number = number(of: start) else { continue }
            chunkNumbers[Int(start >> MarkedChunk.bits)] = number | Self.holdsBlocks
        }
    }

    /// The table entry of the chunk of `address`, made where there is none.
    func number(of address: UInt) -> UInt16? {
        let index = address >> MarkedChunk.bits
        guard index < 1 << (Self.addressBits - MarkedChunk.bits) else { return nil }
        let known = chunkNumbers[Int(index)]
        if known != 0 { return known }
        guard chunkCount + 1 < Int(Self.numberMask), let tables = ScratchPages(count: MarkedChunk.tableSize) else {
            isIncomplete = true
            return nil
        }
        chunkTables.append(tables)
        (chunks + chunkCount).initialize(to: MarkedChunk(start: index << MarkedChunk.bits, in: tables.start))
        chunkCount += 1
        let number = UInt16(chunkCount)
        chunkNumbers[Int(index)] = number
        return number
    }

    /// Whether the block that starts here was reached.
    package func isReached(_ start: UInt) -> Bool {
        guard start >> Self.addressBits == 0 else { return false }
        let number = chunkNumbers[Int(start >> MarkedChunk.bits)] & Self.numberMask
        guard number != 0 else { return false }
        let granule = Int(start >> 4) & Self.granuleMask
        return chunks[Int(number) - 1].granules[granule >> 6].marks >> UInt64(granule & 63) & 1 != 0
    }

    /// Whether a block starts here that is not hidden.
    @inline(__always)
    static func isBlock(_ address: UInt) -> Bool {
        let state = alloctap_block_at(address)
        return state == 1 || state == 2
    }

    /// The block that has `address`; nil when there is none. Cost: a system call.
    package func block(containing address: UInt) -> Range<UInt>? {
        guard address >> Self.addressBits == 0 else { return nil }
        let start = start(ofBlockBefore: address)
        guard start != 0, let block = gated[start] ?? block(startingAt: start), block.contains(address) else {
            return nil
        }
        return block
    }

    /// Whether something of so many bytes may begin in `range`, be it a block or in one; false only where blocks lie too close to each
    /// other for that. Cost: a byte read for each 16.
    package static func hasRoom(in range: Range<UInt>, for size: Int) -> Bool {
        alloctap_has_room(range.lowerBound, range.upperBound, size) != 0
    }

    private static let near: UInt = 64 << 10

    /// Where the block begins that may have `address`, hidden ones included; 0 where there is none.
    @inline(__always)
    func start(ofBlockBefore address: UInt) -> UInt {
        let near = alloctap_block_before(address, address > Self.near ? address - Self.near : 0)
        return near != 0 ? near : largeBlocks.block(containing: address)?.lowerBound ?? 0
    }

    /// The block that starts here, with its usable size; nil when none does.
    package func block(startingAt start: UInt) -> Range<UInt>? {
        guard Self.isBlock(start) else { return nil }
        var word: UInt64 = 0
        let got = withUnsafeMutableBytes(of: &word) { read(start &- 8, $0) }
        guard got == 8, let size = Self.usableSize(word) else { return nil }
        return start..<start + size
    }

    /// A block's size by the word before it; nil while that is being written.
    @inline(__always)
    static func usableSize(_ wordBefore: UInt64) -> UInt? {
        let size = UInt(bitPattern: alloctap_glibc_size(wordBefore))
        return size >= 24 && size < 1 << addressBits ? size : nil
    }
}

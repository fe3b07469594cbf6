// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
private import CAllocationTap

/// The sums of a census, block by block. One thread only.
struct BlockTally {
    private let proof: MetadataProof
    private let mapped: AddressRanges
    private let brk: Range<UInt>
    private var table: VerdictTable
    /// The words that were last found to be no metadata, by their hash: 32 KiB.
    private let rejected: UnsafeMutablePointer<UInt>
    private let sizeCounts: UnsafeMutablePointer<UInt>
    private let sizeBytes: UnsafeMutablePointer<UInt>
    private let pages: ScratchPages
    private var present: PresentPages?
    private var isGlibc = true
    private var counts = BlockCounts()
    /// The heap of a thread's arena that was counted last, and its sums so far.
    private var heap: UInt = 0
    private var heapPlace = BlockCounts.Place()
    private var lastMapping: Range<UInt> = 0..<0
    private var mappings: [Range<UInt>] = []

    private static let rejectedCount = 1 << 12

    init?(_ surroundings: BlockCensus.Surroundings) {
        let words = WordReader(read: surroundings.read)
        let sizes = BlockSizeClass.count
        guard let table = VerdictTable(),
            let pages = ScratchPages(count: (Self.rejectedCount + 2 * sizes) * MemoryLayout<UInt>.stride)
        else { return nil }
        // Any class of Swift's has them before its metadata.
        let ours = unsafeBitCast(PresentPages.self as AnyClass, to: UInt.self)
        proof = MetadataProof(
            images: surroundings.images, words: words, nativeWitnesses: words.load(ours - 8, as: UInt.self) ?? 0,
            mayBePool: BlockTally.mayBePool)
        mapped = surroundings.mapped
        brk = surroundings.brk
        self.table = table
        self.pages = pages
        rejected = pages.start.bindMemory(to: UInt.self, capacity: Self.rejectedCount + 2 * sizes)
        sizeCounts = rejected + Self.rejectedCount
        sizeBytes = sizeCounts + sizes
    }

    mutating func setUp(_ present: PresentPages?, isGlibc: Bool) {
        self.present = present
        self.isGlibc = isGlibc
        counts.areUpperBounds = !isGlibc
    }

    mutating func countUnread() { counts.unread += 1 }

    /// Counts the block at `start`, of which `block` is a copy of the first words with the word before them.
    @inline(__always)
    mutating func count(_ start: UInt, next: UInt, _ block: UnsafeRawPointer) {
        note(start)
        // A block ends where its mapping does; past the last one there is nobody to tell.
        let distance = min(next, next == .max || next - start > 1 << 26 ? end(start) : next) - start
        let word = block.load(as: UInt.self)
        let counting = block.load(fromByteOffset: 8, as: UInt.self)
        var size = distance
        if isGlibc {
            guard let known = BlockSize(wordBefore: block.load(fromByteOffset: -8, as: UInt64.self), distance: distance)
            else { return countUnread() }
            size = known.usable
            place(start, known)
        }
        if MetadataProof.isReferenceCounts(counting), let place = typePlace(word, block, size) {
            let entry = table.entries[place]
            if !isGlibc, !entry.hasTail { size = min(size, (UInt(entry.instanceSize) + 15) & ~15) }
            table.count(size, at: place)
        } else {
            let index = BlockSizeClass.index(size)
            sizeCounts[index] &+= 1
            sizeBytes[index] &+= size
        }
        counts.blocks &+= 1
        counts.bytes &+= size
    }

    /// Where the counts of a block's type are; nil when its first word leads to no type.
    @inline(__always)
    private mutating func typePlace(_ word: UInt, _ block: UnsafeRawPointer, _ size: UInt) -> Int? {
        guard word & 7 == 0, word >= 1 << 16, word < 1 << 47 else { return nil }
        var place = table.place(word)
        if table.entries[place].key == 0 {
            guard let proved = prove(word, at: place) else { return nil }
            place = proved
        }
        let entry = table.entries[place]
        guard entry.kind != MetadataKind.none.rawValue, UInt(entry.instanceSize) <= size else { return nil }
        guard entry.kind == MetadataKind.error.rawValue else { return place }
        return errorPlace(block.load(fromByteOffset: 16, as: UInt.self)) ?? place
    }

    private mutating func prove(_ word: UInt, at place: Int) -> Int? {
        let slot = Int(truncatingIfNeeded: (word &* 0x9e37_79b9_7f4a_7c15) >> 52) & (Self.rejectedCount - 1)
        if rejected[slot] == word { return nil }
        let verdict = proof.verdict(word)
        // What is refused elsewhere than in images comes in any number, and is not kept.
        guard !table.isFull, verdict.kind != .none || proof.images.contains(word) else {
            rejected[slot] = word
            return nil
        }
        table.insert(word, verdict, at: place)
        return place
    }

    /// An error's box has the type of what it holds behind its header.
    private mutating func errorPlace(_ type: UInt) -> Int? {
        guard type & 7 == 0, type >= 1 << 16, type < 1 << 47 else { return nil }
        let place = table.place(type | 1)
        if table.entries[place].key == 0 {
            guard !table.isFull, proof.isPossible(type) else { return nil }
            table.insert(type | 1, MetadataProof.Verdict(kind: .error), at: place)
        }
        return place
    }

    @inline(__always)
    private mutating func place(_ start: UInt, _ size: BlockSize) {
        let resident: UInt
        if let present {
            let isInOnePage = start >> 12 == (start + size.usable - 1) >> 12
            resident = isInOnePage && present.contains(start) ? size.usable : bytes(start, size.usable, present)
        } else {
            resident = size.usable
        }
        let header: UInt = size.isMapped ? 16 : 8
        counts.residentBytes &+= resident
        counts.headerBytes &+= header
        if size.isMapped { return }
        if size.isOfThreadArena {
            if start >> 26 != heap { switchHeap(start >> 26) }
            heapPlace.blocks &+= 1
            heapPlace.bytes &+= resident
            heapPlace.headerBytes &+= header
        } else if brk.contains(start) {
            counts.mainArena.blocks &+= 1
            counts.mainArena.bytes &+= resident
            counts.mainArena.headerBytes &+= header
        }
    }

    private func bytes(_ start: UInt, _ size: UInt, _ present: PresentPages) -> UInt {
        let count = present.count(start..<start + size)
        return count.ofFiles + count.anonymous
    }

    private mutating func switchHeap(_ next: UInt) {
        counts.threadHeaps[heap] = heapPlace
        heap = next
        heapPlace = counts.threadHeaps[next] ?? BlockCounts.Place()
    }

    /// Remembers the mapping that has the block.
    @inline(__always)
    private mutating func note(_ start: UInt) {
        if lastMapping.contains(start) { return }
        lastMapping = mapped[start] ?? start & ~4095..<(start & ~4095) + 4096
        mappings.append(lastMapping)
    }

    private func end(_ start: UInt) -> UInt { max(lastMapping.upperBound, start) }

    /// Whether a word may point into a pool that the runtime got from malloc for metadata: a block of 16 KiB, or one of more
    /// than 8 KiB for a single large one. So it has no neighbour near, and a pointer to its start is none to metadata.
    static func mayBePool(_ word: UInt) -> Bool {
        let start = alloctap_block_before(word, word - min(word, 1 << 16))
        var after: UInt = 0
        return start != 0 && start != word && alloctap_blocks(start + 1, start + (1 << 13), &after, 1) == 0
    }

    mutating func finish() -> BlockCounts {
        switchHeap(0)
        counts.threadHeaps[0] = nil
        for index in 0..<VerdictTable.capacity where table.entries[index].count > 0 {
            let entry = table.entries[index]
            counts.types.append(
                BlockCounts.TypeCount(
                    key: entry.key, kind: MetadataKind(rawValue: entry.kind) ?? .none, count: entry.count,
                    bytes: entry.bytes))
        }
        for index in 0..<BlockSizeClass.count where sizeCounts[index] > 0 {
            counts.sizes.append(
                BlockCounts.SizeCount(
                    size: BlockSizeClass.smallest(index), count: sizeCounts[index], bytes: sizeBytes[index]))
        }
        counts.mappings = AddressRanges(mappings)
        return counts
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Counts by metadata pointer, and the verdict on each pointer, so that each is proved once.
///
/// Open addressing in pages of its own: 2 MiB, whatever the heap holds. One thread only.
struct VerdictTable {
    struct Entry {
        /// The metadata pointer; 0 where the place is free. With bit 0, the pointer to the type of an error.
        var key: UInt
        var kind: UInt16
        var hasTail: Bool
        var instanceSize: UInt32
        var count: UInt
        var bytes: UInt
    }
    static let capacity = 1 << 16
    /// More would make look-ups long; pointers past it are no types. A program has some thousand.
    static let limit = capacity / 4 * 3

    private let pages: ScratchPages
    let entries: UnsafeMutablePointer<Entry>
    private(set) var used = 0

    init?() {
        guard let pages = ScratchPages(count: Self.capacity * MemoryLayout<Entry>.stride) else { return nil }
        self.pages = pages
        entries = pages.start.bindMemory(to: Entry.self, capacity: Self.capacity)
    }

    /// The place of a key, or the free one where it would be.
    @inline(__always)
    func place(_ key: UInt) -> Int {
        // The upper half of the product depends on all bits of the key.
        var place = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 48) & (Self.capacity - 1)
        while entries[place].key != key && entries[place].key != 0 { place = (place + 1) & (Self.capacity - 1) }
        return place
    }

    var isFull: Bool { used >= Self.limit }

    /// Fills the free place; there must be one: see `isFull`.
    mutating func insert(_ key: UInt, _ verdict: MetadataProof.Verdict, at place: Int) {
        entries[place] = Entry(
            key: key, kind: verdict.kind.rawValue, hasTail: verdict.hasTail, instanceSize: verdict.instanceSize,
            count: 0, bytes: 0)
        used += 1
    }

    @inline(__always)
    func count(_ bytes: UInt, at place: Int) {
        entries[place].count &+= 1
        entries[place].bytes &+= bytes
    }
}

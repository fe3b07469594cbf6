// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What lived in the heap at one look, by type and size, and what memory was used for. Plain values; nothing of what the blocks
/// hold.
package struct HeapSnapshot: Sendable {
    package struct TypeRow: Sendable, Equatable {
        package let name: String
        package let count: UInt
        package let bytes: UInt

        package init(name: String, count: UInt, bytes: UInt) {
            self.name = name
            self.count = count
            self.bytes = bytes
        }
    }

    /// Grows from snapshot to snapshot; 0 for one that is not kept.
    package let id: UInt64
    package let taken: ContinuousClock.Instant
    package let duration: Duration
    /// Most bytes first, one row a name.
    package let types: [TypeRow]
    /// Blocks without a Swift type, smallest first.
    package let sizes: [BlockCounts.SizeCount]
    package let blocks: UInt
    package let unread: UInt
    package let areUpperBounds: Bool
    /// Nil when /proc cannot be read.
    package let memory: MemoryClasses?

    package init(
        id: UInt64, taken: ContinuousClock.Instant, duration: Duration = .zero, types: [TypeRow],
        sizes: [BlockCounts.SizeCount] = [], blocks: UInt = 0, unread: UInt = 0, areUpperBounds: Bool = false,
        memory: MemoryClasses? = nil
    ) {
        self.id = id
        self.taken = taken
        self.duration = duration
        self.types = Self.merged(types)
        self.sizes = sizes
        self.blocks = blocks
        self.unread = unread
        self.areUpperBounds = areUpperBounds
        self.memory = memory
    }

    /// - Parameter name: called once for each type.
    package init(
        id: UInt64, taken: ContinuousClock.Instant, duration: Duration, _ counts: BlockCounts, memory: MemoryClasses?,
        name: (BlockCounts.TypeCount) -> String
    ) {
        self.init(
            id: id, taken: taken, duration: duration,
            types: counts.types.map { TypeRow(name: name($0), count: $0.count, bytes: $0.bytes) }, sizes: counts.sizes,
            blocks: counts.blocks, unread: counts.unread, areUpperBounds: counts.areUpperBounds, memory: memory)
    }

    package var typedBlocks: UInt { types.reduce(0) { $0 &+ $1.count } }
    package var typedBytes: UInt { types.reduce(0) { $0 &+ $1.bytes } }

    /// Closures that capture the same types have metadata of their own and the same name.
    private static func merged(_ rows: [TypeRow]) -> [TypeRow] {
        var sums: [String: (count: UInt, bytes: UInt)] = [:]
        for row in rows {
            let sum = sums[row.name] ?? (0, 0)
            sums[row.name] = (sum.count &+ row.count, sum.bytes &+ row.bytes)
        }
        return sums.map { TypeRow(name: $0.key, count: $0.value.count, bytes: $0.value.bytes) }
            .sorted { ($1.bytes, $1.count, $0.name) < ($0.bytes, $0.count, $1.name) }
    }
}

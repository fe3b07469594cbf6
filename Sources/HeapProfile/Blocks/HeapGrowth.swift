// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What became of each type from one snapshot to a later one.
package struct HeapGrowth: Sendable {
    package struct Row: Sendable, Equatable {
        /// As it is now; 0 blocks for a type that has none any more.
        package let type: HeapSnapshot.TypeRow
        package let countGrowth: Int
        package let bytesGrowth: Int
    }

    /// Every type that either has, most growth in bytes first; so the last have shrunk most.
    package let rows: [Row]

    package init(from earlier: HeapSnapshot, to later: HeapSnapshot) {
        let before = Dictionary(earlier.types.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let now = Set(later.types.map(\.name))
        let gone = earlier.types.filter { !now.contains($0.name) }.map {
            Row(
                type: HeapSnapshot.TypeRow(name: $0.name, count: 0, bytes: 0),
                countGrowth: Self.difference(0, $0.count), bytesGrowth: Self.difference(0, $0.bytes))
        }
        let kept = later.types.map { type in
            Row(
                type: type, countGrowth: Self.difference(type.count, before[type.name]?.count ?? 0),
                bytesGrowth: Self.difference(type.bytes, before[type.name]?.bytes ?? 0))
        }
        rows = (kept + gone).sorted {
            ($1.bytesGrowth, $1.countGrowth, $0.type.name) < ($0.bytesGrowth, $0.countGrowth, $1.type.name)
        }
    }

    private static func difference(_ now: UInt, _ before: UInt) -> Int { Int(bitPattern: now &- before) }
}

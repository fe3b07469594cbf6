// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import HeapProfile

@Suite struct HeapGrowthTests {
    private func snapshot(_ id: UInt64, _ rows: (String, UInt, UInt)...) -> HeapSnapshot {
        HeapSnapshot(
            id: id, taken: .now, types: rows.map { HeapSnapshot.TypeRow(name: $0.0, count: $0.1, bytes: $0.2) })
    }

    @Test func rowsOfOneNameAreOneAndTheLargestComesFirst() {
        let rows = snapshot(1, ("A", 1, 10), ("B", 5, 100), ("A", 2, 200)).types
        #expect(rows.map(\.name) == ["A", "B"])
        #expect(rows.first == HeapSnapshot.TypeRow(name: "A", count: 3, bytes: 210))
    }

    @Test func growthIsOfEveryTypeThatEitherHas() {
        let growth = HeapGrowth(
            from: snapshot(1, ("Same", 2, 20), ("Gone", 3, 300), ("More", 1, 10)),
            to: snapshot(2, ("Same", 2, 20), ("More", 4, 40), ("New", 9, 5)))
        #expect(growth.rows.map(\.type.name) == ["More", "New", "Same", "Gone"])
        #expect(growth.rows.map(\.countGrowth) == [3, 9, 0, -3])
        #expect(growth.rows.map(\.bytesGrowth) == [30, 5, 0, -300])
        #expect(growth.rows.last?.type.count == 0)
    }

    @Test func fourSnapshotsAreKeptAndTheLeastUsedGivesWay() {
        let history = HeapHistory()
        for _ in 0..<4 { history.keep(snapshot(history.nextID(), ("A", 1, 1))) }
        #expect(history.snapshots.map(\.id) == [1, 2, 3, 4])
        #expect(history[1]?.id == 1)
        history.keep(snapshot(history.nextID()))
        #expect(history.snapshots.map(\.id) == [1, 3, 4, 5], "1 was compared with, so 2 goes")
        #expect(history[2] == nil)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The memory of all counters. A chunk is four rows of 512 words; a counter is a column, its value the column's sum:
//
//            column 0   column 1 … column 511
//     row 0   word       word       word        written by threads of stripe 0
//     row 1   word       word       word        of stripe 1
//     row 2, row 3
import Synchronization

@usableFromInline
final class CounterCells: Sendable {
    @inlinable static var rows: Int { ThreadStripe.count }
    @inlinable static var columns: Int { 512 }  // 4 KiB a row, 16 KiB a chunk
    static let shared = CounterCells()

    private struct State: @unchecked Sendable {  // Safe: only reached under the mutex.
        var chunk: UnsafeMutablePointer<Atomic<UInt64>>?
        var nextColumn = CounterCells.columns
        var free: [UnsafeMutablePointer<Atomic<UInt64>>] = []
    }
    private let state = Mutex(State())

    /// A zeroed column, named by its word in row 0. Chunks are never freed: their columns are used again.
    func take() -> UnsafeMutablePointer<Atomic<UInt64>> {
        state.withLock { state in
            if let column = state.free.popLast() { return Column(pointer: column) }
            if state.nextColumn == Self.columns {
                state.chunk = Self.makeChunk()
                state.nextColumn = 0
            }
            defer { state.nextColumn += 1 }
            return Column(pointer: state.chunk! + state.nextColumn)
        }.pointer
    }

    /// Zeroes the column and keeps it for the next counter. Only for a counter that nobody refers to any more.
    func giveBack(_ column: UnsafeMutablePointer<Atomic<UInt64>>) {
        for row in 0..<Self.rows { column[row * Self.columns].store(0, ordering: .relaxed) }
        let column = Column(pointer: column)
        state.withLock { $0.free.append(column.pointer) }
    }

    static func sum(_ column: UnsafeMutablePointer<Atomic<UInt64>>) -> UInt64 {
        var sum: UInt64 = 0
        for row in 0..<rows { sum &+= column[row * columns].load(ordering: .relaxed) }
        return sum
    }

    private static func makeChunk() -> UnsafeMutablePointer<Atomic<UInt64>> {
        let words = rows * columns
        let memory = UnsafeMutableRawPointer.allocate(byteCount: words * 8, alignment: 64)
        let chunk = memory.bindMemory(to: Atomic<UInt64>.self, capacity: words)
        for word in 0..<words { (chunk + word).initialize(to: Atomic(0)) }
        return chunk
    }

    private struct Column: @unchecked Sendable {  // Safe: the words behind it are only touched atomically.
        let pointer: UnsafeMutablePointer<Atomic<UInt64>>
    }
}

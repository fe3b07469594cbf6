// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The memory of all counters: a cell of one word in each of four rows, so that threads on one counter rarely share a
// cache line. A chunk is four rows of 512 words; a counter is a column:
//
//            column 0   column 1 … column 511
//     row 0   word       word       word        threads whose stack hashes to 0
//     row 1   word       word       word        …to 1
//     row 2, row 3                              value of a counter = the sum of its column
import Synchronization

@usableFromInline
final class CounterCells: Sendable {
    @inlinable static var rows: Int { 4 }
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

    /// How many words beyond row 0 this thread adds. A thread is told by where its stack lies, which costs no call and no
    /// thread-local lookup: stacks of 8 MiB differ in bit 23, smaller ones in bit 20. Only speed depends on the choice; a
    /// thread that crosses a boundary just adds in another row.
    @inlinable @inline(__always)
    static func offsetForThisThread() -> Int {
        var onStack: UInt8 = 0
        let address = withUnsafeMutablePointer(to: &onStack) { UInt(bitPattern: $0) }
        return Int(truncatingIfNeeded: ((address &>> 23) ^ (address &>> 20)) & UInt(rows - 1)) &* columns
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

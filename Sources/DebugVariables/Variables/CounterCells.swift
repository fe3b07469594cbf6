// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The memory of all counters. A chunk is eight rows of 512 words; a counter is a column, its value the column's sum:
//
//               columns 0…3   column 4 … column 511
//     row 0       owners       word       word        added to atomically, by threads of stripe 0…3
//     row 1…3                  word       word
//     row 4…7                  word       word        written by the one thread that owns the row, without a locked add
//
// The first four threads that count in a chunk own a row of it each. A locked add costs several times a plain one even
// where nobody contends, so this is what makes a counter cheap; the other threads share the first rows.
import Glibc
import Synchronization

final class CounterCells: Sendable {
    typealias Column = UnsafeMutablePointer<Atomic<UInt64>>

    static let shared = CounterCells()

    private static let columns = 512
    private static let sharedRows = ThreadStripe.count
    private static let ownedRows = 4
    private static let rows = sharedRows + ownedRows
    /// 32 KiB, and aligned to it, so that a column's address tells its chunk.
    private static let chunkBytes = rows * columns * 8

    private struct State: @unchecked Sendable {  // Safe: only reached under the mutex.
        var chunk: Column?
        var nextColumn = CounterCells.columns
        var free: [Column] = []
    }
    private let state = Mutex(State())

    /// A zeroed column, named by its word in row 0. Chunks are never freed: their columns are used again.
    func take() -> Column {
        state.withLock { state in
            if let column = state.free.popLast() { return Handle(column: column) }
            if state.nextColumn == Self.columns {
                state.chunk = Self.makeChunk()
                state.nextColumn = Self.ownedRows  // the columns before hold the owners
            }
            defer { state.nextColumn += 1 }
            return Handle(column: state.chunk! + state.nextColumn)
        }.column
    }

    /// Zeroes the column and keeps it for the next counter. Only for a counter that nobody refers to any more.
    func giveBack(_ column: Column) {
        for row in 0..<Self.rows { column[row * Self.columns].store(0, ordering: .relaxed) }
        let handle = Handle(column: column)
        state.withLock { $0.free.append(handle.column) }
    }

    /// Relaxed is enough: a count is independent of other memory, and a reader wants a recent value, not an order.
    ///
    /// To be called from a function that is never inlined: the C library declares `pthread_self` as depending on nothing, so
    /// inside an `async` function the optimizer may carry its result across an `await`, behind which another thread goes on.
    @inline(__always)
    static func add(_ amount: UInt64, to column: Column) {
        let thread = UInt64(pthread_self())
        // Never nil: a chunk is not at address 0.
        let owners = Column(bitPattern: UInt(bitPattern: column) & ~UInt(chunkBytes - 1)).unsafelyUnwrapped
        var row = 0
        while row < ownedRows {
            if owns(thread, owners + row) {
                // Two steps, yet nothing is lost: no other living thread writes this word.
                let word = column + (sharedRows &+ row) &* columns
                word.pointee.store(word.pointee.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
                return
            }
            row &+= 1
        }
        addShared(amount, to: column)
    }

    @inline(never)
    private static func addShared(_ amount: UInt64, to column: Column) {
        column[ThreadStripe.index &* columns].wrappingAdd(amount, ordering: .relaxed)
    }

    /// Adds to a shared word what makes the sum 0: words wrap, and those that threads own cannot be written by another.
    static func reset(_ column: Column) {
        // Two at once would each take the same amount away.
        shared.state.withLock { _ in addShared(0 &- sum(column), to: column) }
    }

    static func sum(_ column: Column) -> UInt64 {
        var sum: UInt64 = 0
        for row in 0..<rows { sum &+= column[row * columns].load(ordering: .relaxed) }
        return sum
    }

    /// Whether a row is this thread's, or nobody's and therefore this thread's from now on. A thread keeps its rows when it
    /// ends, and the next one with the same `pthread_t` has them. What the old one wrote is visible to the new one: the C
    /// library hands the stack over under a lock.
    private static func owns(_ thread: UInt64, _ owner: Column) -> Bool {
        let known = owner.pointee.load(ordering: .relaxed)
        if known == thread { return true }
        guard known == 0 else { return false }
        return owner.pointee.compareExchange(expected: 0, desired: thread, ordering: .relaxed).exchanged
    }

    private static func makeChunk() -> Column {
        let words = rows * columns
        let memory = UnsafeMutableRawPointer.allocate(byteCount: chunkBytes, alignment: chunkBytes)
        let chunk = memory.bindMemory(to: Atomic<UInt64>.self, capacity: words)
        for word in 0..<words { (chunk + word).initialize(to: Atomic(0)) }
        return chunk
    }

    private struct Handle: @unchecked Sendable {  // Safe: the words behind it are only touched atomically.
        let column: Column
    }
}

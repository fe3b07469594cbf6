// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
public import Synchronization

/// A count that never goes down: requests served, bytes written.
///
/// An increment is one relaxed atomic add: no lookup, no lock, no allocation. Reading adds up ``CounterCells/rows`` words.
public final class CounterVariable: Variable, @unchecked Sendable {  // Safe: the cell is only touched atomically.
    @usableFromInline let cell: UnsafeMutablePointer<Atomic<UInt64>>
    private let problems: ProblemLog

    init(name: String, help: String, unit: String, problems: ProblemLog) {
        cell = CounterCells.shared.take()
        self.problems = problems
        super.init(name: name, help: help, unit: unit)
    }

    deinit { CounterCells.shared.giveBack(cell) }

    /// Adds `amount`, which may be 0. A negative amount is not added, and the registry's problems say so.
    @inlinable @inline(__always)
    public func increment(by amount: Int = 1) {
        guard amount >= 0 else { return refuseDecrease() }
        // Relaxed is enough: the count is independent of other memory, and a reader wants a recent value, not an order.
        cell[ThreadStripe.index &* CounterCells.columns]
            .wrappingAdd(UInt64(truncatingIfNeeded: amount), ordering: .relaxed)
    }

    /// All that was added so far. Exact once the adding threads are done; meanwhile a recent value.
    public var value: UInt64 { CounterCells.sum(cell) }

    @usableFromInline @inline(never)
    func refuseDecrease() {
        problems.note(name, "a counter never goes down: a negative increment was not added; use a gauge for what falls")
    }

    public override var kind: VariableKind { .counter }
    override func read() -> VariableValue { .counter(value) }
}

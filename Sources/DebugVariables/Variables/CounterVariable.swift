// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A count that never goes down: requests served, bytes written.
///
/// An increment is one add to a word that threads rarely share: no lock, no allocation, no look-up by name. It is exact from
/// any number of threads, but not from a signal handler. Reading adds up eight words.
public final class CounterVariable: Variable, @unchecked Sendable {  // Safe: the cell is only touched atomically.
    let cell: CounterCells.Column
    private let problems: ProblemLog

    init(name: String, help: String, unit: String, problems: ProblemLog) {
        cell = CounterCells.shared.take()
        self.problems = problems
        super.init(name: name, help: help, unit: unit)
    }

    deinit { CounterCells.shared.giveBack(cell) }

    /// Adds `amount`, which may be 0. A negative amount is not added, and the registry's problems say so.
    @inline(never)  // see CounterCells.add
    public func increment(by amount: Int = 1) {
        guard amount >= 0 else { return refuseDecrease() }
        CounterCells.add(UInt64(truncatingIfNeeded: amount), to: cell)
    }

    /// All that was added so far. Exact once the adding threads are done; meanwhile a recent value.
    public var value: UInt64 { CounterCells.sum(cell) }

    /// Takes away what was added so far. For bridges to interfaces that have this; increments made meanwhile stay.
    package func reset() { CounterCells.reset(cell) }

    @inline(never)
    func refuseDecrease() {
        problems.note(name, "a counter never goes down: a negative increment was not added; use a gauge for what falls")
    }

    public override var kind: VariableKind { .counter }
    override func read() -> VariableValue { .counter(value) }
}

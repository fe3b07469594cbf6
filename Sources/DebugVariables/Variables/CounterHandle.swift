// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What increments a counter for another package, whose protocol it conforms to in the adapter.
///
/// Here and not in the adapter, so that the protocol's witness is this method and not one that calls the counter's: a second
/// call with another `self` costs as much as half an increment.
package final class CounterHandle: @unchecked Sendable {  // Safe: the words of the cell are only touched atomically.
    private let cell: CounterCells.Column
    private let counter: CounterVariable

    /// The adapter's own.
    package let origin: any Sendable

    package init(_ counter: CounterVariable, origin: any Sendable) {
        self.counter = counter
        self.origin = origin
        cell = counter.cell
    }

    /// The same as ``CounterVariable/increment(by:)``.
    @inline(never)  // see CounterCells.add
    package func increment(by amount: Int64) {
        guard amount >= 0 else { return refuseDecrease() }
        CounterCells.add(UInt64(truncatingIfNeeded: amount), to: cell)
    }

    @inline(never)
    private func refuseDecrease() { counter.refuseDecrease() }

    package func reset() { counter.reset() }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A sum that never goes down and need not be whole: seconds of processor time.
///
/// An addition is a compare-and-exchange loop. Shown as a counter with a fraction.
package final class FloatingCounterVariable: Variable, @unchecked Sendable {  // Safe: the only state is atomic.
    private let bits = Atomic<UInt64>(0)  // 0 is the bit pattern of 0.0
    private let problems: ProblemLog

    init(name: String, help: String, unit: String, problems: ProblemLog) {
        self.problems = problems
        super.init(name: name, help: help, unit: unit)
    }

    /// Adds `amount`. One that is negative or not finite is not added, and the registry's problems say so.
    package func increment(by amount: Double) {
        guard amount >= 0, amount.isFinite else {
            return problems.note(
                name, "a counter never goes down: an amount that is negative or not finite was not added")
        }
        bits.addDouble(amount)
    }

    package func reset() { bits.store(0, ordering: .relaxed) }

    package var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    package override var kind: VariableKind { .counter }
    override func read() -> VariableValue { .gauge(value) }
}

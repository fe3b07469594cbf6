// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A value that rises and falls: requests in flight, a temperature.
///
/// Setting is one relaxed store, adding a compare-and-exchange loop. Any Double may be set; one that JSON cannot carry
/// (NaN, infinity) is `null` in `/debug/vars` with an entry in the problems, and itself in `/metrics`.
public final class GaugeVariable: Variable, @unchecked Sendable {  // Safe: the only state is one atomic word.
    private let bits = Atomic<UInt64>(0)  // 0 is the bit pattern of 0.0

    public func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    public func add(_ amount: Double) {
        bits.addDouble(amount)
    }

    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    public override var kind: VariableKind { .gauge }
    override func read() -> VariableValue { .gauge(value) }
}

extension Atomic where Value == UInt64 {
    /// Adds to the Double whose bit pattern this word holds.
    func addDouble(_ amount: Double) {
        var old = load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let result = weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if result.exchanged { return }
            old = result.original
        }
    }
}

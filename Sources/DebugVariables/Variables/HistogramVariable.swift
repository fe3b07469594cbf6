// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A histogram whose readers never see half a record. Four stripes hold a lock word, a sum and the buckets each. A record
// takes the first free stripe from its thread's on, adds to two words and frees it: one atomic exchange, the rest are plain
// loads and stores. Nobody waits for a stripe unless four threads were stopped in the middle of a record.
import Synchronization

/// Values sorted into buckets, with their count and sum: durations, sizes.
///
/// A record is one atomic exchange and a few stores: no allocation, no system call, no waiting for another thread. Values that are not finite are not recorded, and the
/// registry's problems say so.
public final class HistogramVariable: Variable, @unchecked Sendable {  // Safe: words are atomic, the rest is locked.
    /// Upper bounds for durations in seconds, from 5 ms to 10 s: those of the Prometheus client libraries.
    public static let defaultBounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// Upper bounds, inclusive, ascending.
    public let bounds: [Double]

    /// Stripe s is the words from s * stripeWords on: 1 while it is taken, a sum (bits of a Double), then the buckets.
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let stripeWords: Int
    private let problems: ProblemLog

    private let exemplars = Mutex<[Int: Exemplar]>([:])

    init(name: String, help: String, unit: String, bounds: [Double], problems: ProblemLog) {
        self.bounds = bounds
        self.problems = problems
        stripeWords = (2 + bounds.count + 1 + 7) & ~7  // whole cache lines: the stripes share none
        let count = stripeWords * ThreadStripe.count
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * 8, alignment: 64)
        words = memory.bindMemory(to: Atomic<UInt64>.self, capacity: count)
        for word in 0..<count { (words + word).initialize(to: Atomic(0)) }
        super.init(name: name, help: help, unit: unit)
    }

    deinit { words.deallocate() }

    /// Counts `value` in the first bucket whose bound is not below it.
    public func record(_ value: Double) {
        guard value.isFinite else {
            return problems.note(name, "a value that is not finite was given to the histogram and not recorded")
        }
        record(value, bucket: bucket(of: value))
    }

    /// Counts `value` and keeps it as its bucket's exemplar, which OpenMetrics shows.
    ///
    /// Takes a lock and copies the labels. Labels longer than 128 characters together, with names outside
    /// `[a-zA-Z_][a-zA-Z0-9_]*` or with a NUL, are dropped and the problems say so; the value counts all the same.
    public func record(_ value: Double, exemplar labels: [String: String]) {
        record(value)
        guard value.isFinite else { return }
        let length = labels.reduce(0) { $0 + $1.key.unicodeScalars.count + $1.value.unicodeScalars.count }
        guard length <= 128, labels.keys.allSatisfy(VariableName.isLabelName),
            !labels.values.contains(where: { $0.utf8.contains(0) })
        else {
            return problems.note(
                name, "an exemplar was dropped: its labels are over 128 characters, not label names or hold a NUL")
        }
        let bucket = bucket(of: value)
        exemplars.withLock { $0[bucket] = Exemplar(labels: labels, value: value) }
    }

    /// One reading in which no record is torn. Takes each stripe in turn, which is free but for a few instructions; should
    /// a thread be stopped in the middle of a record, the reading goes on after 50 ms, and `sum` may then miss that value.
    public var snapshot: HistogramSnapshot {
        var buckets = [UInt64](repeating: 0, count: bounds.count + 1)
        var sum = 0.0
        for stripe in 0..<ThreadStripe.count {
            let base = words + stripe * stripeWords
            let deadline = ContinuousClock.now + .milliseconds(50)
            var isTaken = Self.take(base)
            while !isTaken, ContinuousClock.now < deadline { isTaken = Self.take(base) }
            sum += Double(bitPattern: base[1].load(ordering: .relaxed))
            for bucket in buckets.indices { buckets[bucket] &+= base[2 + bucket].load(ordering: .relaxed) }
            if isTaken { base[0].store(0, ordering: .releasing) }
        }
        return HistogramSnapshot(bounds: bounds, buckets: buckets, sum: sum, exemplars: exemplars.withLock { $0 })
    }

    public override var kind: VariableKind { .histogram }
    override func read() -> VariableValue { .histogram(snapshot) }

    private func bucket(of value: Double) -> Int {
        var bucket = 0
        for bound in bounds { bucket &+= value > bound ? 1 : 0 }  // no branch to mispredict
        return bucket
    }

    private func record(_ value: Double, bucket: Int) {
        var stripe = ThreadStripe.index
        while true {
            let base = words + stripe * stripeWords
            if Self.take(base) {
                let sum = Double(bitPattern: base[1].load(ordering: .relaxed)) + value
                base[1].store(sum.bitPattern, ordering: .relaxed)
                base[2 + bucket].store(base[2 + bucket].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
                base[0].store(0, ordering: .releasing)
                return
            }
            stripe = (stripe + 1) % ThreadStripe.count
        }
    }

    private static func take(_ stripe: UnsafeMutablePointer<Atomic<UInt64>>) -> Bool {
        stripe[0].exchange(1, ordering: .acquiring) == 0
    }
}

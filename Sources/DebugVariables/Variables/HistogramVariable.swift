// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A histogram whose readers never see half a value, although a record takes no lock.
//
// Two banks hold buckets and a sum each. `started` says in its top bit which bank is active and below how many records
// began. A record takes a ticket (which fixes its bank), adds to the bank's sum, then to the bucket: the bucket is the
// mark that it is done. A reader makes the other bank active, so the first one only drains, and waits until
//
//     sum of the bank's buckets == tickets given out for the bank
//
// then reads it, and does the same with the other. Each record is so in the reading wholly or not at all.
import Synchronization

/// Values sorted into buckets, with their count and sum: durations, sizes.
///
/// A record is three atomic operations: no lock, no allocation. Values that are not finite are not recorded, and the
/// registry's problems say so.
public final class HistogramVariable: Variable, @unchecked Sendable {  // Safe: words are atomic, the rest is locked.
    /// Upper bounds for durations in seconds, from 5 ms to 10 s: those of the Prometheus client libraries.
    public static let defaultBounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// Upper bounds, inclusive, ascending.
    public let bounds: [Double]

    private static let activeBank: UInt64 = 1 << 63
    private let started = Atomic<UInt64>(0)
    /// Bank b is the words from b * bankWords on: a sum (bits of a Double), then the buckets.
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let bankWords: Int
    private let problems: ProblemLog

    /// What readers know, one reader at a time.
    private struct Reading {
        var ticketsSeen: UInt64 = 0
        var ticketsOfBank: [UInt64] = [0, 0]
    }
    private let reading = Mutex(Reading())
    private let exemplars = Mutex<[Int: Exemplar]>([:])

    init(name: String, help: String, unit: String, bounds: [Double], problems: ProblemLog) {
        self.bounds = bounds
        self.problems = problems
        bankWords = (bounds.count + 2 + 7) & ~7  // whole cache lines: the banks share none
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bankWords * 2 * 8, alignment: 64)
        words = memory.bindMemory(to: Atomic<UInt64>.self, capacity: bankWords * 2)
        for word in 0..<bankWords * 2 { (words + word).initialize(to: Atomic(0)) }
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
    /// Takes a lock and copies the labels. Labels longer than 128 characters together, or with names outside
    /// `[a-zA-Z_][a-zA-Z0-9_]*`, are dropped and the problems say so; the value counts all the same.
    public func record(_ value: Double, exemplar labels: [String: String]) {
        record(value)
        guard value.isFinite else { return }
        let length = labels.reduce(0) { $0 + $1.key.unicodeScalars.count + $1.value.unicodeScalars.count }
        guard length <= 128, labels.keys.allSatisfy(VariableName.isLabelName) else {
            return problems.note(name, "an exemplar was dropped: its labels are over 128 characters or not label names")
        }
        let bucket = bucket(of: value)
        exemplars.withLock { $0[bucket] = Exemplar(labels: labels, value: value) }
    }

    /// One reading in which no record is torn. Waits for records under way, a few instructions each; should a thread be
    /// stopped in the middle of one, the reading goes on after 50 ms, and `sum` may then have that value and `buckets` not.
    public var snapshot: HistogramSnapshot {
        var buckets = [UInt64](repeating: 0, count: bounds.count + 1)
        var sum = 0.0
        reading.withLock { reading in
            for _ in 0..<2 {
                let drained = drainActiveBank(&reading)
                let base = drained * bankWords
                sum += Double(bitPattern: words[base].load(ordering: .relaxed))
                for bucket in buckets.indices {
                    buckets[bucket] &+= words[base + 1 + bucket].load(ordering: .relaxed)
                }
            }
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
        let ticket = started.wrappingAdd(1, ordering: .acquiring).oldValue
        let base = words + (ticket & Self.activeBank == 0 ? 0 : bankWords)
        base[0].addDouble(value)
        // Releasing: a reader that counts this record in the bucket also sees it in the sum.
        base[1 + bucket].wrappingAdd(1, ordering: .releasing)
    }

    /// Makes the other bank active and waits until the one that was active is complete. Returns its index.
    private func drainActiveBank(_ reading: inout Reading) -> Int {
        let before = started.wrappingAdd(Self.activeBank, ordering: .acquiringAndReleasing).oldValue
        let bank = before & Self.activeBank == 0 ? 0 : 1
        let tickets = before & ~Self.activeBank
        reading.ticketsOfBank[bank] &+= tickets &- reading.ticketsSeen
        reading.ticketsSeen = tickets
        let deadline = ContinuousClock.now + .milliseconds(50)
        while recorded(in: bank) != reading.ticketsOfBank[bank], ContinuousClock.now < deadline {}
        return bank
    }

    private func recorded(in bank: Int) -> UInt64 {
        let base = words + bank * bankWords
        var recorded: UInt64 = 0
        for bucket in 0...bounds.count { recorded &+= base[1 + bucket].load(ordering: .acquiring) }
        return recorded
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import Synchronization
import Testing

@Suite struct ConcurrencyTests {
    private static let threads = 8
    private static let turns = 50_000

    /// Runs the body on threads of its own, with the thread's number, and waits for all.
    private func onThreads(_ count: Int = threads, _ body: @escaping @Sendable (Int) -> Void) {
        let group = ThreadGroup()
        for number in 0..<count { group.start { body(number) } }
        group.join()
    }

    @Test func incrementsFromManyThreadsLoseNoCount() {
        let counter = VariableRegistry().counter("x")
        onThreads { _ in
            for _ in 0..<Self.turns { counter.increment() }
        }
        #expect(counter.value == UInt64(Self.threads * Self.turns))
    }

    @Test func incrementsFromTasksThatChangeThreadsLoseNoCount() async {
        let counter = VariableRegistry().counter("x")
        await withTaskGroup { group in
            for _ in 0..<64 {
                group.addTask {
                    for _ in 0..<500 {
                        counter.increment()
                        await Task.yield()  // goes on on whichever thread is free
                        counter.increment()
                    }
                }
            }
        }
        #expect(counter.value == 64_000)
    }

    @Test func incrementsFromThreadsThatComeAndGoLoseNoCount() {
        let counter = VariableRegistry().counter("x")
        for _ in 0..<200 {
            onThreads { _ in
                for _ in 0..<100 { counter.increment() }
            }
        }
        #expect(counter.value == UInt64(200 * 100 * Self.threads))
    }

    @Test func aCounterNeverGoesDownWhileThreadsAdd() {
        let counter = VariableRegistry().counter("x")
        let fell = Atomic(false)
        onThreads { number in
            var last: UInt64 = 0
            for _ in 0..<Self.turns {
                if number > 0 {
                    counter.increment()
                    continue
                }
                let now = counter.value
                if now < last { fell.store(true, ordering: .relaxed) }
                last = now
            }
        }
        let hasFallen = fell.load(ordering: .relaxed)
        #expect(!hasFallen)
    }

    @Test func aNegativeIncrementIsNotAddedAndNamedInTheProblems() {
        let registry = VariableRegistry()
        let counter = registry.counter("x")
        counter.increment(by: 3)
        counter.increment(by: -1)
        counter.increment(by: 0)
        #expect(counter.value == 3)
        #expect(registry.snapshot().problems.map(\.variable) == ["x"])
    }

    @Test func aNewCounterBeginsAtZeroWhateverTheLastOneInItsCellHad() {
        let registry = VariableRegistry()
        for round in 0..<1000 {
            let counter = registry.counter("x\(round)")
            #expect(counter.value == 0)
            counter.increment(by: 7)
            registry.remove("x\(round)")
        }
    }

    @Test func additionsToAGaugeFromManyThreadsLoseNothing() {
        let gauge = VariableRegistry().gauge("x")
        onThreads { number in
            for _ in 0..<Self.turns { gauge.add(number.isMultiple(of: 2) ? 2 : -1) }
        }
        #expect(gauge.value == Double(Self.threads / 2 * Self.turns))
    }

    @Test func recordsFromManyThreadsAreAllInCountSumAndBuckets() {
        let histogram = VariableRegistry().histogram("x", bounds: [1, 2, 3])
        onThreads { number in
            for _ in 0..<Self.turns { histogram.record(Double(number % 4) + 0.5) }
        }
        let each = UInt64(Self.threads / 4 * Self.turns)
        let snapshot = histogram.snapshot
        #expect(snapshot.buckets == [each, each, each, each])
        #expect(snapshot.count == 4 * each)
        #expect(snapshot.sum == Double(each) * 8)  // 0.5 + 1.5 + 2.5 + 3.5
    }

    @Test func aReaderNeverSeesATornHistogram() {
        let histogram = VariableRegistry().histogram("x", bounds: [1, 2])
        let torn = Mutex<[HistogramSnapshot]>([])
        let readings = Atomic(0)
        let isDone = Atomic(false)
        let readers = ThreadGroup()
        for _ in 0..<2 {
            readers.start {
                while !isDone.load(ordering: .relaxed) {
                    let snapshot = histogram.snapshot
                    // Every record is 0.5 or 1.5, exact in binary: the buckets tell the sum to the bit.
                    let expected = 0.5 * Double(snapshot.buckets[0]) + 1.5 * Double(snapshot.buckets[1])
                    if snapshot.sum != expected || snapshot.count != snapshot.buckets.reduce(0, +) {
                        torn.withLock { $0.append(snapshot) }
                    }
                    readings.wrappingAdd(1, ordering: .relaxed)
                }
            }
        }
        onThreads(3) { number in
            for turn in 0..<Self.turns * 4 { histogram.record((turn + number).isMultiple(of: 2) ? 0.5 : 1.5) }
        }
        isDone.store(true, ordering: .relaxed)
        readers.join()
        let count = readings.load(ordering: .relaxed)
        #expect(count > 100)
        #expect(torn.withLock { $0 } == [])
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func aValueThatIsNotFiniteIsNotRecordedAndNamedInTheProblems(value: Double) {
        let registry = VariableRegistry()
        let histogram = registry.histogram("x")
        histogram.record(value)
        histogram.record(value, exemplar: ["trace_id": "a"])
        histogram.record(1)
        #expect(histogram.snapshot.count == 1)
        #expect(histogram.snapshot.sum == 1)
        #expect(registry.snapshot().problems.map(\.variable) == ["x"])
    }

    @Test(arguments: [["trace_id": String(repeating: "x", count: 121)], ["bad name": "x"], ["": "x"], ["a": "x\u{0}"]])
    func anExemplarThatOpenMetricsForbidsIsDroppedAndItsValueCounted(labels: [String: String]) {
        let registry = VariableRegistry()
        let histogram = registry.histogram("x", bounds: [1])
        histogram.record(0.5, exemplar: ["trace_id": String(repeating: "x", count: 120)])
        #expect(histogram.snapshot.exemplars[0]?.labels.keys.first == "trace_id")
        #expect(registry.snapshot().problems.isEmpty)
        histogram.record(2, exemplar: labels)
        #expect(histogram.snapshot.exemplars[1] == nil)
        #expect(histogram.snapshot.count == 2)
        #expect(registry.snapshot().problems.count == 1)
    }

    @Test func registeringFromManyThreadsGivesOneVariableForEachName() {
        let registry = VariableRegistry()
        onThreads { _ in
            for name in 0..<500 {
                registry.counter("x\(name)").increment()
                registry.counter("family", labels: ["l"])["\(name % 50)"].increment()
            }
        }
        let snapshot = registry.snapshot()
        #expect(snapshot.variables.count == 501)
        for name in 0..<500 { #expect(snapshot["x\(name)"] == .counter(UInt64(Self.threads))) }
        guard case .family(let family) = snapshot["family"] else { return #expect(Bool(false)) }
        #expect(family.members.allSatisfy { $0.value == .counter(UInt64(10 * Self.threads)) })
        #expect(family.members.count == 50)
    }
}

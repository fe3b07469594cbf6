// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import DebugVariables
import Testing

@testable import DebugEndpointMetrics

@Suite struct DebugMetricsFactoryTests {
    private let registry = VariableRegistry()
    private var factory: DebugMetricsFactory { DebugMetricsFactory(registry) }

    private var text: String { String(decoding: registry.select().exposition(.prometheus), as: UTF8.self) }
    private func has(_ line: String) -> Bool { text.split(separator: "\n").contains(Substring(line)) }
    private var problems: [String] { registry.snapshot().problems.map { "\($0.variable): \($0.sentence)" } }

    @Test func aCounterCounts() {
        let counter = Counter(label: "jobs_total", factory: factory)
        counter.increment()
        counter.increment(by: 41)
        #expect(registry.snapshot()["jobs_total"] == .counter(42))
        #expect(has("# TYPE jobs_total counter") && has("jobs_total 42") && problems.isEmpty)
    }

    @Test func aCounterThatIsResetCountsFromZeroAndLosesNothingAfterwards() {
        let counter = Counter(label: "jobs_total", factory: factory)
        counter.increment(by: 7)
        counter.reset()
        #expect(registry.snapshot()["jobs_total"] == .counter(0))
        counter.increment(by: 3)
        #expect(registry.snapshot()["jobs_total"] == .counter(3))
    }

    @Test func aNegativeIncrementIsNotAddedAndReported() {
        let counter = Counter(label: "jobs_total", factory: factory)
        counter.increment(by: 2)
        counter.increment(by: -1)
        #expect(registry.snapshot()["jobs_total"] == .counter(2))
        #expect(problems.count == 1)
    }

    @Test func aFloatingPointCounterKeepsItsFractionAndIsACounter() {
        let counter = FloatingPointCounter(label: "busy_seconds_total", factory: factory)
        counter.increment(by: 0.25)
        counter.increment(by: 0.5)
        counter.increment(by: -1)
        counter.increment(by: Double.nan)
        #expect(has("# TYPE busy_seconds_total counter") && has("busy_seconds_total 0.75"))
        #expect(problems.count == 1)
        counter.reset()
        #expect(has("busy_seconds_total 0"))
    }

    @Test func aGaugeKeepsTheLastValue() {
        let gauge = Gauge(label: "depth", factory: factory)
        gauge.record(7)
        gauge.record(-2.5)
        #expect(registry.snapshot()["depth"] == .gauge(-2.5))
    }

    @Test func aMeterIsSetRaisedAndLowered() {
        let meter = Meter(label: "active", factory: factory)
        meter.set(10)
        meter.increment(by: 2.5)
        meter.decrement(by: 0.5)
        meter.increment()
        #expect(registry.snapshot()["active"] == .gauge(13))
    }

    @Test func aRecorderIsAHistogramWithBoundsForSizes() {
        let recorder = Recorder(label: "reply_bytes", factory: factory)
        recorder.record(3)
        recorder.record(5.5)
        #expect(has("# TYPE reply_bytes histogram") && has(#"reply_bytes_bucket{le="4"} 1"#))
        #expect(has(#"reply_bytes_bucket{le="1.073741824e+09"} 2"#) && has("reply_bytes_sum 8.5"))
    }

    @Test func aTimerIsAHistogramInSecondsWhateverItsDisplayUnit() {
        let timer = Timer(label: "wait_seconds", preferredDisplayUnit: .milliseconds, factory: factory)
        timer.recordMilliseconds(30)
        timer.recordSeconds(2)
        #expect(has(#"wait_seconds_bucket{le="0.05"} 1"#) && has("wait_seconds_sum 2.03"))
        let openMetrics = String(decoding: registry.select().exposition(.openMetrics), as: UTF8.self)
        #expect(openMetrics.contains("# UNIT wait_seconds seconds\n"))
    }

    @Test func boundsCanBeChosen() {
        let factory = DebugMetricsFactory(registry, timerBounds: [1, 60], recorderBounds: [0.5])
        Timer(label: "t", factory: factory).recordSeconds(30)
        Recorder(label: "r", factory: factory).record(0.25)
        #expect(has(#"t_bucket{le="60"} 1"#) && has(#"r_bucket{le="0.5"} 1"#) && !has(#"t_bucket{le="0.05"} 0"#))
    }

    @Test func aKeptHandlerAndOneMadeAgainWriteTheSameVariable() {
        Counter(label: "c", dimensions: [("a", "1")], factory: factory).increment()
        Counter(label: "c", dimensions: [("a", "1")], factory: DebugMetricsFactory(registry)).increment()
        #expect(has(#"c{a="1"} 2"#) && problems.isEmpty)
    }

    @Test func countersFromManyThreadsLoseNoCount() async {
        let factory = factory
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for turn in 0..<2000 {
                        Counter(label: "c", dimensions: [("t", String((task + turn) % 4))], factory: factory)
                            .increment()
                    }
                }
            }
        }
        #expect((0..<4).allSatisfy { has("c{t=\"\($0)\"} 4000") })
    }

    @Test func aDestroyedMetricIsNoLongerShownAndOneMadeAfterwardsBeginsAnew() {
        let counter = Counter(label: "c", factory: factory)
        let timer = Timer(label: "t", factory: factory)
        let meter = Meter(label: "m", factory: factory)
        let recorder = Recorder(label: "r", factory: factory)
        let gauge = Gauge(label: "g", factory: factory)
        let floating = FloatingPointCounter(label: "f", factory: factory)
        #expect(registry.count == 6)
        counter.increment(by: 5)
        counter.destroy()
        timer.destroy()
        meter.destroy()
        recorder.destroy()
        gauge.destroy()
        floating.destroy()
        #expect(registry.count == 0)
        counter.increment()  // whoever still has it may go on using it
        Counter(label: "c", factory: factory).increment()
        #expect(has("c 1"))
    }

    @Test func destroyingOneMemberLeavesTheOthersAndTheLastTakesTheFamilyWithIt() {
        let one = Counter(label: "c", dimensions: [("a", "1")], factory: factory)
        let two = Counter(label: "c", dimensions: [("a", "2")], factory: factory)
        one.destroy()
        #expect(!text.contains(#"a="1""#) && has(#"c{a="2"} 0"#))
        two.destroy()
        #expect(registry.count == 0)
    }

    @Test func afterTheProgramHasRemovedAVariableTheNextMetricIsShownAgain() {
        let counter = Counter(label: "a.b", factory: factory)
        registry.remove("a_b")
        counter.increment()
        Counter(label: "a.b", dimensions: [("x", "1")], factory: factory).increment()
        Gauge(label: "a_b", factory: factory).record(7)
        #expect(has(#"a_b{x="1"} 1"#) && has("a_b_gauge 7") && registry.count == 2)
    }

    @Test func theSystemCanBeBootstrappedForATaskWithIt() {
        withMetricsFactory(factory) { Counter(label: "jobs_total").increment() }
        #expect(has("jobs_total 1"))
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugVariables
import Foundation
import RuntimeMetrics
import Synchronization
import Testing

@testable import DebugEndpointDogStatsD

@Suite struct ReporterTests {
    @Test(arguments: [StubAgent.Kind.udp, .unixDatagram, .unixStream])
    func runtimeMetricsAndTheRegistryArriveOverEveryTransport(kind: StubAgent.Kind) throws {
        let registry = VariableRegistry()
        registry.counter("jobs_total").increment(by: 42)
        registry.gauge("depth").set(-2.5)
        registry.counter("requests_total", labels: ["route", "status"])["/a,b|c", "200"].increment(by: 7)
        try ReporterFixture.report(kind, registry, environment: ["DD_ENV": "test"]) { agent, _ in
            try expectEventually { try !agent.lines().named("runtime.swift.metrics.enabled").isEmpty }
            let lines = try agent.lines()
            #expect(lines.named("runtime.swift.metrics.memory_heap_in_use.bytes", "env:test").first?.values == [1234])
            #expect(lines.named("runtime.swift.metrics.cpu_user.cpu_seconds").first?.type == "g")
            try expectEventually { try !agent.lines().named("requests_total").isEmpty }
            let variables = try agent.lines()
            #expect(variables.named("jobs_total").map(\.values) == [[42]])
            #expect(variables.named("depth").first?.values == [-2.5])
            let member = variables.named("requests_total", "route:/a_b_c", "status:200", "env:test")
            #expect(member.map(\.values) == [[7]] && member.map(\.type) == ["c"])
        }
    }

    @Test func everyRuntimeMetricThatHasAValueArrivesUnderItsName() throws {
        let change = { (configuration: inout RuntimeMetricsReporter.Configuration) in
            configuration.surroundings.makeRuntimeReader = RuntimeMetricsReporter.Surroundings().makeRuntimeReader
        }
        try ReporterFixture.report(
            .unixDatagram, change: change,
            during: { agent, reporter in
                try expectEventually { try agent.lines().named("runtime.swift.metrics.enabled").count >= 3 }
                reporter.stop()
                let names = Set(try agent.lines().map(\.name))
                for metric in RuntimeMetrics.all where metric.kind != .histogram {
                    guard case let value? = RuntimeMetrics.read([metric.name]).first?.value, value.number != nil else {
                        continue
                    }
                    #expect(names.contains(MetricName.ofRuntimeMetric(metric.name)), "\(metric.name)")
                }
                let resident = try agent.lines().named("runtime.swift.metrics.memory_resident.bytes")
                #expect(!resident.isEmpty && resident.allSatisfy { $0.values[0] > 1e6 && $0.timestamp != nil })
                #expect(
                    Set(RuntimeMetrics.all.map { MetricName.ofRuntimeMetric($0.name) }).count
                        == RuntimeMetrics.all.count)
            })
    }

    @Test func countsAreWhatHasComeSinceTheLastRound() throws {
        let registry = VariableRegistry()
        let counter = registry.counter("jobs_total")
        let idle = registry.counter("idle_total")
        counter.increment(by: 5)
        try ReporterFixture.report(.unixDatagram, registry) { agent, reporter in
            for _ in 0..<1000 {
                counter.increment()
                usleep(300)
            }
            reporter.stop()
            let sum = { try agent.lines().named("jobs_total").reduce(0) { $0 + $1.values[0] } }
            try expectEventually { try sum() == 1005 }
            let lines = try agent.lines().named("jobs_total")
            #expect(lines.count >= 3)
            #expect(lines.allSatisfy { $0.type == "c" && $0.timestamp == nil && $0.values[0] > 0 })
            // A counter at rest is told of once.
            #expect(try agent.lines().named("idle_total").map(\.values) == [[0]])
            #expect(idle.value == 0)
        }
    }

    @Test func aCounterThatBeginsAnewIsCountedFromZero() throws {
        let registry = VariableRegistry()
        registry.counter("jobs_total").increment(by: 100)
        try ReporterFixture.report(.unixDatagram, registry) { agent, _ in
            try expectEventually { try !agent.lines().named("jobs_total").isEmpty }
            registry.remove("jobs_total")
            registry.counter("jobs_total").increment(by: 3)
            try expectEventually { try agent.lines().named("jobs_total").map(\.values) == [[100], [3]] }
        }
    }

    @Test func histogramsAreDistributionsWithTheirExactCountAndSum() throws {
        let registry = VariableRegistry()
        let histogram = registry.histogram("latency_seconds", unit: "seconds", bounds: [1, 3])
        for value in [0.5, 0.5, 2, 10] { histogram.record(value) }
        try ReporterFixture.report(.unixStream, registry) { agent, _ in
            try expectEventually { try !agent.lines().named("latency_seconds.sum").isEmpty }
            let lines = try agent.lines()
            #expect(lines.named("latency_seconds.count").first?.values == [4])
            #expect(lines.named("latency_seconds.sum").first?.values == [13])
            let buckets = lines.named("latency_seconds")
            #expect(buckets.map(\.values) == [[0.5], [2], [3]])
            #expect(buckets.map(\.rate) == [0.5, nil, nil])
            #expect(buckets.allSatisfy { $0.type == "d" })
            let runtime = lines.named("runtime.swift.metrics.sched_latencies_pool.seconds")
            #expect(runtime.map(\.values) == [[0.5], [3]])
        }
    }

    @Test func gaugesCarryTheTimeOfTheWallClockHoweverItJumps() throws {
        let clock = Atomic<Int64>(1_700_000_000)
        let registry = VariableRegistry()
        registry.gauge("depth").set(1)
        try ReporterFixture.report(
            .unixDatagram, registry, change: { $0.surroundings.wallClock = { clock.load(ordering: .relaxed) } },
            during: {
                agent, _ in
                // Back by years, ahead by centuries, and to where the agent would call it malformed.
                for time in [1_700_000_000, 1_000_000_000, 10_000_000_000, 0, -5, .min] as [Int64] {
                    clock.store(time, ordering: .relaxed)
                    agent.forget()
                    let expected = time >= 1 ? time : nil
                    try expectEventually { try agent.lines().named("depth").contains { $0.timestamp == expected } }
                }
            })
    }

    @Test func roundsAreApartByAClockThatNobodySetsWhateverTheWallClockDoes() throws {
        let clock = Atomic<Int64>(1_700_000_000)
        let rounds = Mutex<[ContinuousClock.Instant]>([])
        let change = { (configuration: inout RuntimeMetricsReporter.Configuration) in
            configuration.surroundings.wallClock = {
                rounds.withLock { $0.append(.now) }
                return clock.add(-86400, ordering: .relaxed).newValue
            }
        }
        try ReporterFixture.report(
            change: change,
            during: { _, _ in
                expectEventually { rounds.withLock { $0.count } >= 6 }
            })
        let times = rounds.withLock { $0 }.prefix(6)
        // The sixth is due 500 ms after the first; a busy machine may be late, but never early.
        #expect(times[0].duration(to: times[5]) >= .milliseconds(400))
    }

    @Test func stopSendsTheLastValuesAndEndsTheThread() throws {
        let registry = VariableRegistry()
        let counter = registry.counter("jobs_total")
        try ReporterFixture.report(
            .unixDatagram, registry, change: { $0.interval = .seconds(3600) },
            during: { agent, reporter in
                try expectEventually { try !agent.lines().named("jobs_total").isEmpty }
                counter.increment(by: 7)
                reporter.stop()
                try expectEventually { try agent.lines().named("jobs_total").map(\.values) == [[0], [7]] }
                let payloads = agent.payloads.count
                counter.increment()
                reporter.stop()  // once more changes nothing
                usleep(300_000)
                #expect(agent.payloads.count == payloads)
            })
    }

    @Test func thePlainDialectIsNamesValuesAndTypesAlone() throws {
        let registry = VariableRegistry()
        registry.counter("jobs_total").increment(by: 3)
        registry.gauge("depth").set(-2)
        registry.counter("requests_total", labels: ["route"])["/a"].increment()
        registry.histogram("latency_seconds", bounds: [1]).record(0.5)
        try ReporterFixture.report(
            .udp, registry, environment: ["DD_ENV": "e"], dialect: .plain, change: { $0.prefix = "shop." },
            during: {
                agent, _ in
                let expected = [
                    "shop.jobs_total:3|c", "shop.depth:0|g", "shop.depth:-2|g", "shop.requests_total._a:1|c",
                    "shop.latency_seconds.count:1|c", "shop.latency_seconds.sum:0.5|g",
                    "shop.runtime.swift.metrics.cpu_user.cpu_seconds:1.5|g",
                    "shop.runtime.swift.metrics.switches.switches:9|c",
                    "shop.runtime.swift.metrics.memory_heap_in_use.bytes:1234|g",
                ]
                expectEventually { Set(expected).isSubset(of: agent.text.split(separator: "\n").map(String.init)) }
                let lines = agent.text.split(separator: "\n")
                #expect(lines.allSatisfy { $0.wholeMatch(of: /[a-zA-Z0-9_.]+:-?[0-9.]+\|[gc]/) != nil })
                #expect(!agent.text.contains("datadog."))
            })
    }

    @Test func theRegistryIsSentOnlyWhenAskedFor() throws {
        let registry = VariableRegistry()
        registry.counter("jobs_total").increment()
        try ReporterFixture.report(
            .udp, registry, change: { $0.sendsRegistry = false },
            during: { agent, _ in
                expectEventually { agent.payloads.count >= 3 }
                #expect(agent.text.contains("runtime.swift.metrics.enabled:1|g"))
                #expect(!agent.text.contains("jobs_total"))
            })
    }

    @Test func tenThousandMetricsArriveWhole() throws {
        let registry = VariableRegistry()
        for number in 0..<5000 {
            registry.counter("crowd_counter_\(number)_total").increment(by: number)
            registry.gauge("crowd_gauge_\(number)").set(Double(number))
        }
        for kind in [StubAgent.Kind.udp, .unixDatagram, .unixStream] {
            try ReporterFixture.report(
                kind, registry, environment: ["DD_SERVICE": "shop", "DD_ENV": "e"],
                change: { $0.interval = .seconds(3600) },
                during: {
                    agent, _ in
                    expectEventually(within: .seconds(60)) { agent.text.contains("bytes_dropped_writer") }
                    let lines = try agent.lines()
                    let values = Dictionary(lines.map { ($0.name, $0.values) }) { $1 }
                    #expect((0..<5000).allSatisfy { values["crowd_counter_\($0)_total"] == [Double($0)] })
                    #expect((0..<5000).allSatisfy { values["crowd_gauge_\($0)"] == [Double($0)] })
                    #expect(registry.count("dogstatsd_metrics_dropped_total", "queue") == 0)
                })
        }
    }

}

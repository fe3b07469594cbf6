// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import Foundation
import Testing

@testable import DebugEndpointDogStatsD

/// Agents that are slow, dead, not there yet, or gone for a while.
@Suite struct AgentAbsenceTests {
    private static let gauge = RuntimeReading(name: "/a/b:c", value: .whole(1), isCumulative: false)

    @Test(arguments: [StubAgent.Kind.unixDatagram, .unixStream])
    func countsLoseNothingWhileTheSocketIsAway(kind: StubAgent.Kind) throws {
        let folder = try TemporaryFolder()
        let registry = VariableRegistry()
        let counter = registry.counter("jobs_total")
        let log = LogLines()
        let path = folder.path + "/dsd.socket"
        let first = try StubAgent(kind, path: path)
        var configuration = ReporterFixture.configuration(first.address, registry, readings: [Self.gauge], log: log)
        configuration.sendsTelemetry = false
        let reporter = try RuntimeMetricsReporter.start(configuration)
        defer { reporter.stop() }
        counter.increment(by: 10)
        try expectEventually { try first.lines().named("jobs_total").reduce(0) { $0 + $1.values[0] } == 10 }
        first.stop()
        expectEventually { log.all.count == 1 }
        #expect(log.all.first?.contains(kind == .unixDatagram ? "the agent is gone" : "gone") == true)
        #expect(registry.problemOfReporter != "")
        counter.increment(by: 20)
        usleep(300_000)  // some rounds into the void
        let second = try StubAgent(kind, path: path)
        defer { second.stop() }
        counter.increment(by: 30)
        let received = { try (first.lines() + second.lines()).named("jobs_total").reduce(0) { $0 + $1.values[0] } }
        try expectEventually { try received() == 60 }
        expectEventually { log.all.count == 2 }
        #expect(log.all.last == "metrics reach the agent again")
        #expect(try first.lines().count > 0 && second.brokenFrames == 0)
        // The gauges of the rounds in between came late, with their own times.
        #expect(try second.lines().named("runtime.swift.metrics.a_b.c").count >= 3)
    }

    @Test func aSocketThatComesAfterTheStartIsFound() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/dsd.socket"
        let log = LogLines()
        var configuration = ReporterFixture.configuration("unix://" + path, VariableRegistry(), log: log)
        configuration.sendsTelemetry = false
        let reporter = try RuntimeMetricsReporter.start(configuration)
        defer { reporter.stop() }
        expectEventually { log.all.count == 1 }
        let agent = try StubAgent(.unixStream, path: path)
        defer { agent.stop() }
        expectEventually { !agent.payloads.isEmpty }
    }

    @Test func thePortThatTheAgentReportsIsUsed() throws {
        let agent = try StubAgent(.udp)
        defer { agent.stop() }
        let info = try StubInfo(answer: StubInfo.ok("{\"config\": {\"statsd_port\": \(agent.port)}}"))
        defer { info.stop() }
        let configuration = ReporterFixture.configuration(
            nil, VariableRegistry(),
            environment: ["DD_DOGSTATSD_HOST": "127.0.0.1", "DD_TRACE_AGENT_URL": "http://127.0.0.1:\(info.port)"])
        let reporter = try RuntimeMetricsReporter.start(configuration)
        defer { reporter.stop() }
        expectEventually { !agent.payloads.isEmpty }
        #expect(info.requests.count == 1)
    }

    @Test func overUDPNobodyThereIsNoticedCountedAndForgotten() throws {
        let gone = try StubAgent(.udp)
        gone.stop()
        let registry = VariableRegistry()
        let log = LogLines()
        let reporter = try RuntimeMetricsReporter.start(
            ReporterFixture.configuration(gone.address, registry, readings: [Self.gauge], log: log))
        defer { reporter.stop() }
        expectEventually { registry.count("dogstatsd_packets_dropped_total", "writer") >= 3 }
        #expect(registry.count("dogstatsd_bytes_dropped_total", "writer") > 100)
        #expect(registry.count("dogstatsd_metrics_dropped_total", "writer") >= 3)
        #expect(log.all == ["metrics do not reach the agent: nobody receives at the agent's address; trying again"])
        let back = try StubAgent(.udp, port: gone.port)
        defer { back.stop() }
        expectEventually { !back.payloads.isEmpty }
        expectEventually { log.all.last == "metrics reach the agent again" }
    }

    /// An agent that accepts and reads nothing.
    @Test(arguments: [StubAgent.Kind.unixDatagram, .unixStream])
    func aStuckAgentCostsAtMostTheBufferAndDropsAreCounted(kind: StubAgent.Kind) throws {
        let folder = try TemporaryFolder()
        let registry = VariableRegistry()
        let jobs = registry.counter("a_jobs_total")
        for number in 0..<2000 { registry.gauge("crowd_gauge_\(number)").set(Double(number)) }
        let agent = try StubAgent(kind, path: folder.path + "/dsd.socket", isReading: false)
        defer { agent.stop() }
        var configuration = ReporterFixture.configuration(agent.address, registry, readings: [Self.gauge])
        configuration.sendsTelemetry = false
        let reporter = try RuntimeMetricsReporter.start(configuration)
        var largest = 0.0
        let isFull = eventually(within: .seconds(60)) {
            jobs.increment()
            guard case .gauge(let bytes) = registry.snapshot()["dogstatsd_buffered_bytes"] else { return false }
            largest = max(largest, bytes)
            return registry.count("dogstatsd_metrics_dropped_total", "queue") > 5000
        }
        #expect(isFull)
        #expect(largest > 900_000 && largest <= 1_048_576)
        #expect(registry.problemOfReporter.contains("too slow"))
        // It wakes up, and gets all that was kept, and every count.
        agent.read()
        expectEventually(within: .seconds(60)) {
            guard case .gauge(let bytes) = registry.snapshot()["dogstatsd_buffered_bytes"] else { return false }
            return bytes == 0
        }
        expectEventually { registry.problemOfReporter == "" }
        reporter.stop()
        let counted = { try agent.lines().named("a_jobs_total").reduce(0) { $0 + $1.values[0] } }
        try expectEventually { try counted() == Double(jobs.value) }
        #expect(agent.brokenFrames == 0)
    }

    @Test(arguments: [StubAgent.Kind.unixDatagram, .unixStream])
    func neitherStartNorStopWaitForAStuckAgent(kind: StubAgent.Kind) throws {
        let folder = try TemporaryFolder()
        let registry = VariableRegistry()
        for number in 0..<5000 { registry.gauge("crowd_gauge_\(number)").set(Double(number)) }
        let agent = try StubAgent(kind, path: folder.path + "/dsd.socket", isReading: false)
        defer { agent.stop() }
        let start = ContinuousClock.now
        let reporter = try RuntimeMetricsReporter.start(ReporterFixture.configuration(agent.address, registry))
        let started = ContinuousClock.now
        expectEventually { registry.count("dogstatsd_packets_sent_total") > 0 }
        let stopping = ContinuousClock.now
        reporter.stop()
        // Generous for a busy machine; an hour for whoever waits for this agent.
        #expect(start.duration(to: started) < .seconds(2))
        #expect(stopping.duration(to: .now) < .seconds(5))
    }

    @Test func stopTriesOnceMoreAndCountsWhatNobodyTook() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/dsd.socket"
        let registry = VariableRegistry()
        registry.counter("jobs_total").increment(by: 3)
        let log = LogLines()
        var configuration = ReporterFixture.configuration("unix://" + path, registry, readings: [Self.gauge], log: log)
        configuration.interval = .seconds(3600)
        let late = try RuntimeMetricsReporter.start(configuration)
        expectEventually { log.all.count == 1 }
        let agent = try StubAgent(.unixStream, path: path)
        late.stop()
        try expectEventually { try agent.lines().named("jobs_total").map(\.values) == [[3]] }
        agent.stop()
        #expect(registry.count("dogstatsd_packets_dropped_total", "writer") == 0)
        try RuntimeMetricsReporter.start(configuration).stop()
        #expect(registry.count("dogstatsd_packets_dropped_total", "writer") >= 1)
        #expect(registry.count("dogstatsd_metrics_dropped_total", "writer") > 2)
    }

    @Test func stopWaitsForNoClosureThatHangs() throws {
        let registry = VariableRegistry()
        let latch = DispatchSemaphore(value: 0)
        registry.computed("hanging") {
            latch.wait()
            return 1
        }
        let reporter = try RuntimeMetricsReporter.start(ReporterFixture.configuration("127.0.0.1:9", registry))
        let stopping = ContinuousClock.now
        reporter.stop()
        let took = stopping.duration(to: .now)
        for _ in 0..<3 { latch.signal() }
        #expect(took >= .milliseconds(900) && took < .seconds(10))
    }
}

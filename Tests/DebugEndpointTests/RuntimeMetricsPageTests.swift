// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointTesting
import Foundation
import Testing

@testable import DebugEndpoint

@Suite struct RuntimeMetricsPageTests {
    private static let absent = "/sched/latencies/main-queue:seconds"

    private static func metrics(_ query: String) throws -> [[String: Any]] {
        try withServer { client in
            let answer = try client.get("/debug/metrics" + query)
            #expect(answer.status == 200)
            let page = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
            return try #require(page?["metrics"] as? [[String: Any]])
        }
    }

    private static func withServer<Result>(
        _ registry: VariableRegistry = VariableRegistry(), _ body: (DebugClient) throws -> Result
    ) throws -> Result {
        let server = try DebugServer.start(.init(address: .loopback(port: 0), registry: registry))
        defer { server.stop() }
        return try body(DebugClient(server))
    }

    @Test func everyMetricIsThereWithItsDescription() throws {
        let metrics = try Self.metrics("?format=json")
        #expect(metrics.compactMap { $0["name"] as? String } == RuntimeMetrics.all.map(\.name))
        for (object, metric) in zip(metrics, RuntimeMetrics.all) {
            #expect(object["description"] as? String == metric.description)
            #expect(object["kind"] as? String == metric.kind.rawValue)
            #expect(object["cumulative"] as? Bool == metric.isCumulative)
            #expect(object["basis"] as? String == metric.basis.rawValue)
            #expect(object["prometheus"] as? String == metric.prometheusName)
            #expect(Set(object.keys) == ["name", "kind", "cumulative", "basis", "description", "prometheus", "value"])
        }
        let heap = metrics.first { $0["name"] as? String == "/memory/heap/in-use:bytes" }
        #expect(heap?["value"] as? Int ?? 0 > 1000)
        // No server of these tests has the probe on.
        let latencies = metrics.first { $0["name"] as? String == Self.absent }
        #expect(latencies?["value"] is NSNull)
    }

    @Test(arguments: ["/sched/threads/*", "swift_sched_threads_*,process_threads"])
    func matchTakesBothNames(pattern: String) throws {
        let names = Set(try Self.metrics("?format=json&match=" + pattern).compactMap { $0["name"] as? String })
        #expect(names == Set(RuntimeMetrics.all.map(\.name).filter { $0.hasPrefix("/sched/threads/") }))
        #expect(!names.isEmpty)
    }

    @Test func textHasALineForEach() throws {
        let text = try Self.withServer { try $0.get("/debug/metrics").text }
        let lines = text.split(separator: "\n")
        #expect(lines.count == RuntimeMetrics.all.count)
        #expect(zip(lines, RuntimeMetrics.all).allSatisfy { $0.hasPrefix($1.name + " ") })
        #expect(lines.contains { $0.hasPrefix(Self.absent + " ") && $0.contains(" absent ") })
    }

    @Test func theyAreInTheVariablesUnderTheNamesOfPrometheus() throws {
        let document = try Self.withServer { try $0.get("/debug/vars") }
        let variables = try #require(try JSONSerialization.jsonObject(with: Data(document.body)) as? [String: Any])
        let runtime = try #require(variables["runtime"] as? [String: Any])
        #expect(runtime["process_threads"] as? Int ?? 0 >= 2)
        let absent = try #require(RuntimeMetrics.all.first { $0.name == Self.absent }).prometheusName
        #expect(runtime[absent] == nil, "what is absent is left out")
        #expect(Set(runtime.keys).isSubset(of: RuntimeMetrics.all.map(\.prometheusName)))
        #expect(try Self.withServer { try $0.get("/debug/vars?match=none").text } == "{\n\n}\n")
    }

    @Test func aVariableOfTheServiceKeepsItsNameInMetrics() throws {
        let registry = VariableRegistry()
        registry.gauge("process_threads").set(-7)
        try Self.withServer(registry) { client in
            let lines = try client.get("/metrics").text.split(separator: "\n").filter {
                $0.hasPrefix("process_threads")
            }
            #expect(lines == ["process_threads -7"])
        }
    }

    @Test func everyMetricWithAValueIsInTheExposition() throws {
        let text = try Self.withServer { try $0.get("/metrics").text }
        let present = RuntimeMetrics.readPresent().map(\.description.prometheusName)
        #expect(present.count > 50)
        for name in present { #expect(text.contains("\n\(name) "), "\(name)") }
        #expect(text.contains("# TYPE process_cpu_seconds_total counter\n"))
    }

    @Test func readingAnswersEachNameInItsPlace() {
        let samples = RuntimeMetrics.read(["/sched/threads/total:threads", "/nothing:at-all", "/cpu/total:cpu-seconds"])
        #expect(samples.map(\.name) == ["/sched/threads/total:threads", "/nothing:at-all", "/cpu/total:cpu-seconds"])
        #expect(samples[0].value.number ?? 0 >= 1)
        #expect(samples[1].value == .unknown)
        #expect(samples[2].value.number ?? 0 > 0)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import Foundation
import Testing

@testable import DebugEndpointDogStatsD

/// Tags, origin, telemetry, and what is left out.
@Suite struct LineContentTests {
    @Test func tagsOriginAndCardinalityAreInEveryLine() throws {
        let folder = try TemporaryFolder()
        let id = String(repeating: "a1", count: 32)
        try folder.write("0::/docker/\(id)\n", to: "self/cgroup")
        let environment = [
            "DD_ENV": "e", "DD_SERVICE": "s", "DD_VERSION": "1", "DD_TAGS": "team:t", "DD_ENTITY_ID": "pod",
            "DD_EXTERNAL_ENV": "it-false", "DD_CARDINALITY": "high",
        ]
        let change = { (configuration: inout RuntimeMetricsReporter.Configuration) in
            configuration.tags = ["x:y"]
            configuration.surroundings.container = ContainerIdentity(procfs: folder.path, cgroups: folder.path)
        }
        try ReporterFixture.report(
            .unixDatagram, environment: environment, change: change,
            during: { agent, _ in
                try expectEventually {
                    try !agent.lines().named("datadog.dogstatsd.client.bytes_dropped_writer").isEmpty
                }
                for line in try agent.lines() {
                    let common = ["env:e", "service:s", "version:1", "team:t", "x:y", "dd.internal.entity_id:pod"]
                    #expect(Array(line.tags.prefix(6)) == common)
                    #expect(line.container == id && line.externalData == "it-false" && line.cardinality == "high")
                }
            })
    }

    @Test(arguments: [(StubAgent.Kind.udp, "udp"), (.unixDatagram, "uds"), (.unixStream, "uds-stream")])
    func telemetryTellsExactlyWhatWasSent(kind: StubAgent.Kind, transport: String) throws {
        try ReporterFixture.report(kind) { agent, reporter in
            expectEventually { agent.payloads.count >= 3 }
            reporter.stop()
            let name = "datadog.dogstatsd.client."
            let tags = ["client:swift", "client_transport:\(transport)"]
            let lines = try agent.lines().filter { $0.name.hasPrefix(name) }
            #expect(
                !lines.isEmpty && lines.allSatisfy { line in tags.allSatisfy(line.tags.contains) && line.type == "c" })
            // Each round's telemetry tells of the payloads before it.
            let told = lines.named(name + "packets_sent").reduce(0) { $0 + Int($1.values[0]) }
            #expect(told > 0 && told < agent.payloads.count)
            let bytes = lines.named(name + "bytes_sent").reduce(0) { $0 + Int($1.values[0]) }
            #expect(bytes == agent.payloads.prefix(told).reduce(0) { $0 + $1.count })
            let metrics = lines.named(name + "metrics").reduce(0) { $0 + $1.values[0] }
            let byType = lines.named(name + "metrics_by_type").reduce(0) { $0 + $1.values[0] }
            #expect(metrics == byType && metrics > 0)
        }
    }

    @Test func telemetryCanBeTurnedOff() throws {
        try ReporterFixture.report(
            .udp, change: { $0.sendsTelemetry = false },
            during: { agent, _ in
                expectEventually { agent.payloads.count >= 3 }
                #expect(!agent.text.contains("datadog."))
            })
    }

    @Test func whatNoLineCanCarryIsSkippedAndCounted() throws {
        let registry = VariableRegistry()
        registry.gauge("not_a_number").set(.nan)
        registry.gauge("endless").set(.infinity)
        registry.gauge("_hidden").set(1)
        registry.gauge("a" + String(repeating: "x", count: 300)).set(1)
        registry.gauge("colon:name").set(1)
        registry.text("revision").set("a|b\n")
        registry.gauge("long", labels: ["a"])[String(repeating: "x", count: 9000)].set(1)
        registry.gauge("twin", labels: ["a"])["x,y"].set(1)
        registry.gauge("twin", labels: ["a"])["x|y"].set(2)
        registry.computed("cache") { ["hits": 12, "a b": ["c": 1.5, "list": [7]], "name": "x", "nan": .double(.nan)] }
        registry.computed("broken") { throw CocoaError(.fileNoSuchFile) }
        try ReporterFixture.report(.unixStream, registry) { agent, _ in
            try expectEventually { try agent.lines().named("twin").count >= 2 }
            let lines = try agent.lines()
            #expect(lines.named("colon.name").first?.values == [1])
            #expect(lines.named("cache.hits").first?.values == [12])
            #expect(lines.named("cache.a_b.c").first?.values == [1.5])
            #expect(lines.named("cache.a_b.list.0").first?.values == [7])
            #expect(Set(lines.named("twin").map(\.values)) == [[1]])
            let absent = [
                "not_a_number", "endless", "_hidden", "revision", "long", "cache.nan", "cache.name", "broken",
            ]
            #expect(lines.allSatisfy { !absent.contains($0.name) && $0.name.count <= 200 })
            for reason in ["not_finite", "name", "clash", "size"] {
                #expect(registry.count("dogstatsd_values_skipped_total", reason) > 0, "\(reason)")
            }
        }
    }
}

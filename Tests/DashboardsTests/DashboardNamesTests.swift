// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What Dashboards/ asks for must be what the endpoint shows; whether it is answered, make interop tries.
import Foundation
import RuntimeMetrics
import Testing

@Suite struct DashboardNamesTests {
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    /// Name in Prometheus: whether it only grows.
    private static let runtimeMetrics: [String: Bool] = Dictionary(
        uniqueKeysWithValues: RuntimeMetrics.all.flatMap { metric in
            metric.kind == .histogram
                ? ["_bucket", "_count", "_sum"].map { (metric.prometheusName + $0, true) }
                : [(metric.prometheusName, metric.isCumulative)]
        })

    private static func file(_ name: String) throws -> String {
        try String(contentsOf: root.appending(path: "Dashboards/\(name)"), encoding: .utf8)
    }

    private static func json(_ name: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(try file(name).utf8)) as? [String: Any])
    }

    private static func grafanaQueries() throws -> [PromQuery] {
        let panels = try #require(try json("grafana.json")["panels"] as? [[String: Any]])
        let targets = panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }
        return targets.compactMap { ($0["expr"] as? String).map(PromQuery.init) }
    }

    /// Those of the rules, whose other names are rules themselves.
    private static func ruleQueries() throws -> (queries: [PromQuery], recorded: Set<String>) {
        let text = try file("prometheus-rules.yml").replacing(/expr: >-\n/) { _ in "expr: " }.replacing(/\n +\//) { _ in
            " /"
        }
        let lines = text.split(separator: "\n").map { $0.trimmingPrefix(/[ -]+/) }
        let queries = lines.filter { $0.hasPrefix("expr: ") }.map { PromQuery(String($0.dropFirst(6))) }
        let recorded = lines.filter { $0.hasPrefix("record: ") }.map { $0.dropFirst(8).prefix { $0 != " " } }
        return (queries, Set(recorded.map(String.init)))
    }

    @Test func everyQueryOfGrafanaNamesMetricsOfTheEndpoint() throws {
        let queries = try Self.grafanaQueries()
        #expect(queries.count > 50)
        for query in queries { try Self.expectKnown(query) }
    }

    @Test func everyRuleNamesMetricsOfTheEndpointOrAnotherRule() throws {
        let (queries, recorded) = try Self.ruleQueries()
        #expect(queries.count == 14 && recorded.count == 6)
        for query in queries { try Self.expectKnown(query, besides: recorded) }
    }

    @Test func aRateIsTakenOfWhatOnlyGrowsAndOfNothingElse() throws {
        for query in try Self.grafanaQueries() + Self.ruleQueries().queries {
            for name in query.names {
                guard let isCumulative = Self.runtimeMetrics[name] else { continue }
                #expect(query.rated.contains(name) == isCumulative, "\(name) in \(query.text)")
            }
        }
    }

    @Test func anUnknownNameWouldBeSeen() {
        let query = PromQuery(
            #"rate(go_goroutines{job=~"$job"}[5m]) / on (instance) sum by (le) (swift_x) > 1e3 * scalar(up)"#)
        #expect(query.names == ["go_goroutines", "swift_x", "up"] && query.rated == ["go_goroutines"])
        #expect(query.names.isDisjoint(with: Self.runtimeMetrics.keys))
    }

    @Test func everyQueryOfDatadogNamesARuntimeMetric() throws {
        let rule = { (name: String) in
            "runtime.swift.metrics."
                + name.dropFirst().replacing(":", with: ".").replacing(/[^a-zA-Z0-9._]/) { _ in "_" }
        }
        let known = Dictionary(uniqueKeysWithValues: RuntimeMetrics.all.map { (rule($0.name), $0) })
        #expect(known["runtime.swift.metrics.memory_heap_in_use.bytes"] != nil)
        let queries = try Self.file("datadog.json").matches(of: /"query": "(\w+):([\w.]+)(\{[^"]*)"/)
        #expect(queries.count > 40)
        for query in queries {
            let metric = try #require(known[String(query.2)], "\(query.2)")
            #expect(query.3.hasSuffix(".as_rate()") == (metric.isCumulative && metric.kind != .histogram), "\(query.0)")
            #expect((metric.kind == .histogram) == query.1.hasPrefix("p"), "\(query.0)")
        }
    }

    /// The endpoint's own variables: that of the problems, and those of the leak scans.
    private static let own: Set = [
        "debug_endpoint_problems", "debug_endpoint_leaked_tasks", "debug_endpoint_leaked_threads",
    ]

    @Test(.enabled(if: hasLeakScans, "this tree has no leak scans"))
    func theEndpointsOwnVariablesAreNamedInItsSources() throws {
        for name in Self.own {
            #expect(try Self.sources().contains { try String(contentsOf: $0, encoding: .utf8).contains("\"\(name)\"") })
        }
    }

    private static let hasLeakScans = FileManager.default.fileExists(
        atPath: root.appending(path: "Sources/LeakDetection").path())

    private static func sources() throws -> [URL] {
        let files = try #require(
            FileManager.default.enumerator(at: root.appending(path: "Sources"), includingPropertiesForKeys: nil))
        return files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
    }

    private static func expectKnown(_ query: PromQuery, besides others: Set<String> = []) throws {
        #expect(!query.names.isEmpty, "\(query.text)")
        for name in query.names.subtracting(others).subtracting(own) {
            #expect(runtimeMetrics[name] != nil, "\(name) in \(query.text)")
        }
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import RuntimeMetrics

@Suite struct DescriptionTests {
    private let all = RuntimeMetrics.all

    @Test func namesFollowTheGrammar() throws {
        let grammar = try Regex(#"/[a-z0-9-]+(/[a-z0-9-]+)*:[a-z]+(-[a-z]+)*"#)
        #expect(!all.isEmpty)
        for metric in all { #expect(try grammar.wholeMatch(in: metric.name) != nil, "\(metric.name)") }
        #expect(try grammar.wholeMatch(in: "/memory/inUse:bytes") == nil, "control: the grammar refuses something")
    }

    @Test func metricsAreSortedAndNamedOnce() {
        let names = all.map(\.name)
        #expect(names == names.sorted())
        #expect(Set(names).count == names.count)
        #expect(Set(all.map(\.prometheusName)).count == names.count)
    }

    @Test func prometheusNamesFollowItsConventions() throws {
        let grammar = try Regex("(swift|process)_[a-z0-9_]+")
        for metric in all {
            #expect(try grammar.wholeMatch(in: metric.prometheusName) != nil, "\(metric.prometheusName)")
            #expect(
                metric.prometheusName.hasSuffix("_total") == (metric.isCumulative && metric.kind != .histogram),
                "\(metric.prometheusName)")
        }
    }

    @Test func theUnitIsWhatStandsBehindTheColon() {
        #expect(all.first { $0.name == "/cpu/total:cpu-seconds" }?.unit == "cpu-seconds")
        #expect(all.allSatisfy { $0.name.hasSuffix(":" + $0.unit) })
    }

    @Test func descriptionsAreSentences() {
        for metric in all {
            #expect(metric.description.hasSuffix("."), "\(metric.name)")
            #expect(metric.description.first?.isUppercase == true, "\(metric.name)")
        }
    }

    @Test func standardNamesOfPrometheusClientsAreThere() {
        let standard = Set(all.map(\.prometheusName).filter { $0.hasPrefix("process_") })
        #expect(
            standard == [
                "process_cpu_seconds_total", "process_max_fds", "process_network_receive_bytes_total",
                "process_network_transmit_bytes_total", "process_open_fds", "process_resident_memory_bytes",
                "process_start_time_seconds", "process_threads", "process_virtual_memory_bytes",
                "process_virtual_memory_max_bytes",
            ])
    }

    @Test func everySourceHasAMetric() {
        // The processors' source also serves the idle ones; each of the others must be asked for by somebody.
        let used = Set(MetricTable.rows.map(\.source))
        #expect(MetricSource.allCases.filter { !used.contains($0) } == [])
    }
}

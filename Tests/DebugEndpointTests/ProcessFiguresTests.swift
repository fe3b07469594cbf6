// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointTesting
import Foundation
import HeapProfile
import ProcessSnapshot
import Testing

@testable import DebugEndpoint

@Suite struct ProcessFiguresTests {
    @Test(arguments: [
        (["app", "--password=x", "--port=1"], ["app", "--password=[hidden]", "--port=1"]),
        (["app", "--api-token", "x", "y"], ["app", "--api-token", "[hidden]", "y"]),
        (["app", "--auth", "--verbose", "x"], ["app", "--auth", "--verbose", "x"]),
        (["app", "DB_SECRET=x", "Credential=y"], ["app", "DB_SECRET=[hidden]", "Credential=[hidden]"]),
        (["app", "-KEY", "x"], ["app", "-KEY", "[hidden]"]),
        (["app", "postgres://user:pass@host/db"], ["app", "postgres://user:[hidden]@host/db"]),
        (["app", "--url=https://host/a:b@c"], ["app", "--url=https://host/a:b@c"]),
        (["token-service", "x"], ["token-service", "x"]),
        ([], []),
    ])
    func valuesOfArgumentsThatSmellOfSecretsAreHidden(arguments: [String], shown: [String]) {
        #expect(ArgumentList.shown(arguments, .secretsHidden) == shown)
        #expect(ArgumentList.shown(arguments, .all) == arguments)
        #expect(ArgumentList.shown(arguments, .none) == Array(arguments.prefix(1)))
    }

    /// The fields of Go 1.27's runtime.MemStats, in its order.
    static let goFields = [
        "Alloc", "TotalAlloc", "Sys", "Lookups", "Mallocs", "Frees", "HeapAlloc", "HeapSys", "HeapIdle", "HeapInuse",
        "HeapReleased", "HeapObjects", "StackInuse", "StackSys", "MSpanInuse", "MSpanSys", "MCacheInuse", "MCacheSys",
        "BuckHashSys", "GCSys", "OtherSys", "NextGC", "LastGC", "PauseTotalNs", "PauseNs", "PauseEnd", "NumGC",
        "NumForcedGC", "GCCPUFraction", "EnableGC", "DebugGC", "BySize",
    ]

    @Test func memstatsHasGosFieldsAndIntegersOnly() throws {
        let json = MemoryStatistics().json()
        let text = String(decoding: json, as: UTF8.self)
        let places = Self.goFields.map { text.range(of: "\"\($0)\":")?.lowerBound }
        #expect(places.allSatisfy { $0 != nil })
        #expect(places.compactMap(\.self) == places.compactMap(\.self).sorted())
        #expect(!text.contains(".") && !text.contains("e-") && !text.contains("e+"))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
        #expect(Set(object.keys) == Set(Self.goFields))
        #expect((object["PauseNs"] as? [Int]) == [Int](repeating: 0, count: 256))
        #expect((object["BySize"] as? [[String: Int]])?.count == 61)
        #expect(object["NumGC"] as? Int == 0)
    }

    @Test func memstatsFollowsTheHeap() throws {
        func inUse() throws -> Int {
            // Each reads anew: a reading is kept by the object, not the process.
            let object = try JSONSerialization.jsonObject(with: Data(MemoryStatistics().json())) as? [String: Any]
            return try #require(object?["HeapAlloc"] as? Int)
        }
        let before = try inUse()
        let block = UnsafeMutableRawPointer.allocate(byteCount: 64 << 20, alignment: 16)
        let during = try inUse()
        block.deallocate()
        #expect(during - before > 60 << 20)
        #expect(try inUse() - before < 32 << 20)
    }

    @Test(.enabled(if: TapRefusal.current == nil))
    func memstatsCountsEveryAllocation() throws {
        func read() throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(MemoryStatistics().json())) as? [String: Any])
        }
        let before = try read()
        for _ in 0..<10_000 { UnsafeMutableRawPointer.allocate(byteCount: 100, alignment: 16).deallocate() }
        let after = try read()
        func growth(_ name: String) throws -> Int {
            try #require(after[name] as? Int) - #require(before[name] as? Int)
        }
        #expect(try growth("Mallocs") >= 10_000)
        #expect(try growth("Frees") >= 10_000)
        #expect(try growth("TotalAlloc") >= 1_000_000)
        let mallocs = try #require(after["Mallocs"] as? Int)
        let frees = try #require(after["Frees"] as? Int)
        #expect(try #require(after["HeapObjects"] as? Int) == mallocs - frees)
    }

    @Test func theFiguresOfTheTextAreThoseThatAreKnown() {
        let figures = MemoryStatistics().figures()
        let names = figures.map(\.name)
        #expect(names.last == "MaxRSS")
        #expect(names.contains("HeapAlloc"))
        #expect(!names.contains("NumGC") && !names.contains("NextGC"), "what is 0 for want of a collector is left out")
        #expect(names.contains("Mallocs") == (TapRefusal.current == nil))
        #expect(figures.allSatisfy { UInt64($0.value) != nil })
    }

    @Test func processMetricsAreThereUnderTheirStandardNamesAndTrue() {
        let metrics = RuntimeExposition.metrics()
        let value = { (name: String) -> Double in
            switch metrics.first(where: { $0.name == name })?.value {
            case .counter(let count): Double(count)
            case .gauge(let number): number
            default: -1
            }
        }
        let names = metrics.map(\.name)
        #expect(names == names.sorted())
        #expect(
            names.filter { $0.hasPrefix("process_") } == [
                "process_cpu_seconds_total", "process_max_fds", "process_network_receive_bytes_total",
                "process_network_transmit_bytes_total", "process_open_fds", "process_resident_memory_bytes",
                "process_start_time_seconds", "process_threads", "process_virtual_memory_bytes",
                "process_virtual_memory_max_bytes",
            ])
        #expect(value("process_cpu_seconds_total") > 0)
        #expect(value("process_resident_memory_bytes") > 1_000_000)
        #expect(value("process_virtual_memory_bytes") > value("process_resident_memory_bytes"))
        #expect(value("process_open_fds") >= 3)
        #expect(value("process_max_fds") >= value("process_open_fds"))
        let age = Date().timeIntervalSince1970 - value("process_start_time_seconds")
        #expect(age > -2 && age < 24 * 3600)
    }

    @Test func openDescriptorsAreCountedExactly() throws {
        let count = { ProcFile.entryNames("/proc/self/fd")?.count }
        // Other tests of this process open and close descriptors, so look until nothing moved in between.
        for _ in 0..<1000 {
            let before = try #require(count())
            let pipe = Pipe()
            let during = try #require(count())
            let after = try withExtendedLifetime(pipe) { try #require(count()) }
            if during == after, during == before + 2 { return }
        }
        Issue.record("a pipe never showed as two more descriptors")
    }

    @Test(arguments: [
        ("", "text/plain; version=0.0.4; charset=utf-8"),
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/json", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/plain;version=0.0.4;q=1,*/*;q=0.1", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text", "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            "application/openmetrics-text; version=1.0.0; charset=utf-8"
        ),
        ("application/openmetrics-text;q=0.2, text/plain;q=0.3", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text;q=0", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text;version=2.0.0, text/plain;q=0.1", "text/plain; version=0.0.4; charset=utf-8"),
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.9,"
                + "application/openmetrics-text;version=0.0.1;q=0.8",
            "application/openmetrics-text; version=0.0.1; charset=utf-8"
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;q=0.7",
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
        ),
    ])
    func theFormatOfMetricsFollowsTheAcceptHeader(accept: String, expected: String) throws {
        let server = try DebugServer.start(.init(address: .loopback(port: 0), registry: VariableRegistry()))
        defer { server.stop() }
        let answer = try DebugClient(server).get("/metrics", headers: accept.isEmpty ? [:] : ["Accept": accept])
        #expect(answer.header("Content-Type") == expected)
        #expect(answer.text.hasSuffix("# EOF\n") == expected.hasPrefix("application/openmetrics-text"))
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import DebugVariables
import Testing

@testable import DebugEndpointMetrics

@Suite struct ExportedNameTests {
    private let registry = VariableRegistry()
    private var factory: DebugMetricsFactory { DebugMetricsFactory(registry) }

    private var lines: [String] {
        String(decoding: registry.select().exposition(.prometheus), as: UTF8.self).split(separator: "\n").map(
            String.init)
    }
    private var problems: [String] { registry.snapshot().problems.map { "\($0.variable): \($0.sentence)" } }

    @Test(arguments: [
        ("jobs_total", "jobs_total"), ("ns:jobs", "ns:jobs"), ("http.server.requests", "http_server_requests"),
        ("2xx", "_2xx"), ("a-b c", "a_b_c"), ("coffee☕️", "coffee__"), ("größe", "gr__e"), ("", "_"),
        ("a\nb\"", "a_b_"),
    ])
    func aLabelBecomesAName(label: String, name: String) {
        #expect(ExportedName.plain(label) == name)
        Counter(label: label, factory: factory).increment()
        #expect(lines.contains("\(name) 1") && problems.isEmpty)
    }

    @Test(arguments: [("a.b", "U__a_2E_b"), ("a_b", "U__a__b"), ("", "U__"), ("é", "U___E9_")])
    func theEscapedFormIsThatOfPrometheus(label: String, name: String) {
        #expect(ExportedName.escaped(label) == name)
    }

    @Test func differentLabelsHaveDifferentEscapedForms() {
        var generator = SplitMix(seed: 7)
        let alphabet: [Character] = ["_", "2", "E", "A", ".", "a", "U", "é", ":"]
        var forms: [String: String] = [:]
        for _ in 0..<20_000 {
            let label = String((0..<Int(generator.next() % 6)).map { _ in alphabet[Int(generator.next() % 9)] })
            let form = ExportedName.escaped(label)
            #expect(forms[form, default: label] == label && VariableName.isVariableName(form))
            forms[form] = label
        }
        #expect(forms.count > 5000)
    }

    @Test func twoLabelsWithOneNameAreKeptApartAndReported() {
        Counter(label: "a.b", factory: factory).increment(by: 1)
        Counter(label: "a_b", factory: factory).increment(by: 2)
        Counter(label: "a-b", factory: factory).increment(by: 3)
        Counter(label: "a b", factory: factory).increment(by: 4)
        Counter(label: "a.b", factory: factory).increment(by: 10)
        #expect(lines.contains("a_b 11") && lines.contains("a_b_counter 2"))
        #expect(lines.contains("U__a_2D_b 3") && lines.contains("U__a_20_b 4"))
        #expect(
            problems == [
                "a b: the counter would be shown as a_b; it is shown as U__a_20_b",
                "a-b: the counter would be shown as a_b; it is shown as U__a_2D_b",
                "a_b: the counter would be shown as a_b; it is shown as a_b_counter",
            ])
        #expect(lines.contains("debug_endpoint_problems 3"))
    }

    @Test func kindsOfOneLabelAreKeptApartAndReported() {
        Counter(label: "x", factory: factory).increment()
        Gauge(label: "x", factory: factory).record(2)
        Meter(label: "x", factory: factory).set(3)
        Timer(label: "x", factory: factory).recordSeconds(4)
        Recorder(label: "x", factory: factory).record(5)
        FloatingPointCounter(label: "x", factory: factory).increment(by: 0.5)
        for line in [
            "x 1", "x_gauge 2", "x_meter 3", "x_timer_sum 4", "x_recorder_sum 5", "x_floating_point_counter 0.5",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        #expect(problems.count == 5)
    }

    @Test func namesThatWouldWriteTheSameSeriesAreKeptApart() {
        Timer(label: "a", factory: factory).recordSeconds(1)
        Gauge(label: "a.count", factory: factory).record(7)
        #expect(lines.contains("a_count 1") && lines.contains("a_count_gauge 7"))
        #expect(problems.count == 1)
    }

    @Test func aVariableOfTheProgramWithTheSameNameAndKindIsShared() {
        let requests = registry.counter("requests_total")
        requests.increment()
        let counter = Counter(label: "requests_total", factory: factory)
        counter.increment()
        #expect(requests.value == 2 && problems.isEmpty)
        counter.destroy()
        #expect(lines.contains("requests_total 2"))  // it is the program's
    }

    @Test func aVariableOfTheProgramOfAnotherKindKeepsItsName() {
        registry.gauge("requests").set(5)
        Counter(label: "requests", factory: factory).increment()
        #expect(lines.contains("requests 5") && lines.contains("requests_counter 1"))
        #expect(problems.count == 1)
    }

    @Test func aLabelInTheEndpointsOwnNamesIsShownUnderAnother() {
        Counter(label: "debug_endpoint_problems", factory: factory).increment(by: 9)
        #expect(lines.contains("debug_endpoint_problems 0") && lines.contains("U__debug__endpoint__problems 9"))
    }
}

/// Steele, Lea and Flood's generator: the same numbers in every run.
private struct SplitMix {
    var seed: UInt64

    mutating func next() -> UInt64 {
        seed &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (seed ^ (seed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import DebugEndpointDogStatsD

@Suite struct LineFormatTests {
    private func text(
        _ line: Line, dialect: RuntimeMetricsReporter.Dialect = .dogStatsD, tags: [String] = [], timestamp: Int64? = nil
    ) -> String {
        var bytes: [UInt8] = []
        LineFormat(dialect: dialect, prefix: "p.", commonTags: tags, origin: .none)
            .append(line, timestamp: timestamp, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        (LineNumber.whole(0), "0"), (.whole(.max), "18446744073709551615"), (.decimal(0.1), "0.1"),
        (.decimal(-2.5), "-2.5"),
        (.decimal(1e21), "1000000000000000000000"), (.decimal(1e-7), "0.0000001"), (.decimal(-0.0), "-0"),
        (.decimal(123_456_789.125), "123456789.125"), (.decimal(3), "3"),
    ])
    func numbersHaveNoExponent(number: LineNumber, expected: String) {
        #expect(String(decoding: number.digits, as: UTF8.self) == expected)
    }

    @Test func fieldsStandInTheOrderOfDatadogsClients() {
        let line = Line(name: "a", kind: .gauge, value: .whole(1), tags: "x:y")
        #expect(text(line, tags: ["env:e"], timestamp: 5) == "p.a:1|g|#env:e,x:y|T5\n")
        #expect(text(line) == "p.a:1|g|#x:y\n")
        #expect(text(Line(name: "a", kind: .gauge, value: .whole(1)), tags: ["env:e"]) == "p.a:1|g|#env:e\n")
    }

    @Test func countsCarryNoTimestamp() {
        #expect(text(Line(name: "a", kind: .count, value: .whole(1)), timestamp: 5) == "p.a:1|c\n")
    }

    @Test func negativeGaugesOfThePlainDialectBeginAtZero() {
        let line = Line(name: "a", kind: .gauge, value: .decimal(-5), tags: "x:y")
        #expect(text(line, dialect: .plain, tags: ["env:e"], timestamp: 5) == "p.a:0|g\np.a:-5|g\n")
        #expect(text(line) == "p.a:-5|g|#x:y\n")
        #expect(text(Line(name: "a", kind: .gauge, value: .decimal(5)), dialect: .plain) == "p.a:5|g\n")
    }

    /// The Agent counts a line as 1/rate values, cut off.
    @Test func aSampleRateStandsForExactlyItsWeight() {
        for weight in Array(1...20_000) + [123_457, 1_000_003, 99_999_989] {
            let rate = LineFormat.rate(of: UInt64(weight))
            #expect(Int((1 / rate).rounded(.down)) == weight)
        }
    }

    @Test(arguments: [
        ("/memory/heap/in-use:bytes", "runtime.swift.metrics.memory_heap_in_use.bytes"),
        ("/cpu/user:cpu-seconds", "runtime.swift.metrics.cpu_user.cpu_seconds"), ("/odd", "runtime.swift.metrics.odd"),
        ("", "runtime.swift.metrics."), ("/a b/é:x|y", "runtime.swift.metrics.a_b__.x_y"),
    ])
    func runtimeMetricsAreNamedByDatadogsRuleForGo(name: String, expected: String) {
        #expect(MetricName.ofRuntimeMetric(name) == expected)
    }

    @Test(arguments: [
        ("a", true), ("Z9_.", true), ("", false), ("_a", false), (".a", false), ("9a", false),
        (String(repeating: "a", count: 200), true), (String(repeating: "a", count: 201), false),
    ])
    func namesThatDatadogDoesNotTakeAreKnown(name: String, isSendable: Bool) {
        #expect(MetricName.isSendable(name) == isSendable)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The expected texts were printed by Go 1.27: strconv's 'g' with precision -1, and encoding/json.
import DebugVariables
import Testing

@Suite struct GoNumbersTests {
    static let doubles: [(number: Double, expvar: String, json: String)] = [
        (0, "0", "0"), (-0.0, "-0", "-0"), (1, "1", "1"), (-1, "-1", "-1"), (0.5, "0.5", "0.5"),
        (100_000, "100000", "100000"), (999_999, "999999", "999999"), (123_456, "123456", "123456"),
        (1e6, "1e+06", "1000000"), (1_234_567, "1.234567e+06", "1234567"), (123_456_789, "1.23456789e+08", "123456789"),
        (1e15, "1e+15", "1000000000000000"), (1e20, "1e+20", "100000000000000000000"), (1e21, "1e+21", "1e+21"),
        (1e22, "1e+22", "1e+22"), (1.5e-5, "1.5e-05", "0.000015"), (1e-4, "0.0001", "0.0001"),
        (0.00012345, "0.00012345", "0.00012345"), (1e-6, "1e-06", "0.000001"), (1e-7, "1e-07", "1e-7"),
        (.greatestFiniteMagnitude, "1.7976931348623157e+308", "1.7976931348623157e+308"),
        (.leastNonzeroMagnitude, "5e-324", "5e-324"), (0.1, "0.1", "0.1"),
        (1.0 / 3, "0.3333333333333333", "0.3333333333333333"),
    ]

    @Test(arguments: doubles)
    func aGaugeIsPrintedAsExpvarPrintsAFloat(number: Double, expvar: String, json: String) {
        let registry = VariableRegistry()
        registry.gauge("x").set(number)
        #expect(registry.document == "{\n\"x\": \(expvar)\n}\n")
    }

    @Test(arguments: doubles)
    func aComputedDoubleIsPrintedAsEncodingJSONDoes(number: Double, expvar: String, json: String) {
        let registry = VariableRegistry()
        registry.computed("x") { .double(number) }
        #expect(registry.document == "{\n\"x\": \(json)\n}\n")
    }

    @Test(arguments: [0, 1, 9, 10, 9_007_199_254_740_993, Int.max])
    func aCounterIsPrintedWithAllItsDigits(count: Int) {
        let registry = VariableRegistry()
        registry.counter("x").increment(by: count)
        #expect(registry.document == "{\n\"x\": \(count)\n}\n")
    }

    @Test func theLargestCountIsPrintedWithAllItsDigits() {
        let registry = VariableRegistry()
        let counter = registry.counter("x")
        counter.increment(by: .max)
        counter.increment(by: .max)
        counter.increment()
        #expect(counter.value == .max)
        #expect(registry.document == "{\n\"x\": 18446744073709551615\n}\n")
    }
}

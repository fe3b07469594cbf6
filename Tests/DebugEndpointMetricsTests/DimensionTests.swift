// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import DebugVariables
import Testing

@testable import DebugEndpointMetrics

@Suite struct DimensionTests {
    private let registry = VariableRegistry()
    private var factory: DebugMetricsFactory { DebugMetricsFactory(registry) }

    private var lines: [String] { lines(registry) }
    private func lines(_ registry: VariableRegistry) -> [String] {
        String(decoding: registry.select().exposition(.prometheus), as: UTF8.self).split(separator: "\n").map(
            String.init)
    }
    private var problems: [String] { registry.snapshot().problems.map { "\($0.variable): \($0.sentence)" } }

    private func count(_ dimensions: [(String, String)], by amount: Int = 1) {
        Counter(label: "c", dimensions: dimensions, factory: factory).increment(by: amount)
    }

    @Test func dimensionsAreLabelsWhateverTheirOrder() {
        count([("route", "/users"), ("status", "200")])
        count([("status", "200"), ("route", "/users")])
        #expect(lines.contains(#"c{route="/users",status="200"} 2"#) && problems.isEmpty)
    }

    @Test func oneLabelMayHaveMetricsWithDifferentDimensionsInAnyOrderOfTheirMaking() {
        let sets: [[(String, String)]] = [[], [("a", "1")], [("b", "2")], [("a", "1"), ("b", "2")]]
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
            let registry = VariableRegistry()
            let factory = DebugMetricsFactory(registry)
            let counters = order.map { Counter(label: "c", dimensions: sets[$0], factory: factory) }
            for (place, index) in order.enumerated() { counters[place].increment(by: index + 1) }
            for (place, index) in order.enumerated() { counters[place].increment(by: 10 * (index + 1)) }
            for index in sets.indices {
                Counter(label: "c", dimensions: sets[index], factory: factory).increment(by: 100)
            }
            #expect(
                lines(registry).filter { !$0.hasPrefix("#") } == [
                    #"c{a="",b=""} 111"#, #"c{a="",b="2"} 133"#, #"c{a="1",b=""} 122"#, #"c{a="1",b="2"} 144"#,
                    "debug_endpoint_problems 0",
                ])
        }
    }

    @Test func aHistogramGetsMoreLabelsToo() {
        Timer(label: "t_seconds", factory: factory).recordSeconds(1)
        Timer(label: "t_seconds", dimensions: [("a", "1")], factory: factory).recordSeconds(2)
        #expect(lines.contains(#"t_seconds_sum{a=""} 1"#) && lines.contains(#"t_seconds_sum{a="1"} 2"#))
    }

    @Test func aDestroyedMetricWithFewerDimensionsIsForgotten() {
        let plain = Counter(label: "c", factory: factory)
        count([("a", "1")])
        plain.destroy()
        #expect(lines.filter { $0.hasPrefix("c") } == [#"c{a="1"} 1"#])
    }

    @Test(arguments: [
        ("http.route", "http_route"), ("le", "U__le"), ("__name__", "U______name____"), ("a:b", "a_b"), ("", "_"),
        ("0", "_0"), ("é", "_"),
    ])
    func aDimensionBecomesALabel(dimension: String, label: String) {
        count([(dimension, "x")])
        #expect(lines.contains("c{\(label)=\"x\"} 1") && problems.isEmpty, "\(lines)")
    }

    @Test func twoDimensionsWithOneNameAreKeptApart() {
        count([("a_b", "2"), ("a.b", "1")])
        #expect(lines.contains(#"c{U__a__b="2",a_b="1"} 1"#))
    }

    @Test func ofADimensionThatIsGivenTwiceTheLastValueCounts() {
        count([("a", "1"), ("a", "2")])
        #expect(lines.contains(#"c{a="2"} 1"#))
        #expect(problems == ["c: the dimension a was given twice; its last value counts"])
    }

    @Test func ofMoreThanEightDimensionsTheFirstEightByNameAreShown() {
        count((0..<10).map { ("d\($0)", "v") })
        #expect(lines.contains { $0.hasPrefix("c{d0=") && $0.hasSuffix(#"d7="v"} 1"#) })
        #expect(problems == ["c: it has 8 already: d8, d9; these dimensions are not shown"])
    }

    @Test func dimensionValuesAreLimited() {
        let factory = DebugMetricsFactory(registry, limit: 3)
        for user in 0..<10 { Counter(label: "c", dimensions: [("user", String(user))], factory: factory).increment() }
        #expect(lines.contains(#"c{user="other"} 7"#) && lines.filter { $0.hasPrefix("c{") }.count == 4)
        #expect(problems.count == 1)
    }

    @Test func aFamilyOfTheProgramIsSharedButGetsNoMoreLabels() {
        let requests = registry.counter("c", labels: ["status"])
        requests["200"].increment()
        count([("status", "200")])
        count([("status", "200"), ("route", "/")])
        #expect(requests["200"].value == 3)
        #expect(problems == ["c: the program registered it without route; these dimensions are not shown"])
    }

    @Test func readersMeanwhileSeeEveryCountOnce() async {
        let factory = factory
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for dimension in 0..<8 {
                    for value in 0..<50 {
                        Counter(label: "c", dimensions: [("d\(dimension)", String(value))], factory: factory)
                            .increment()
                    }
                }
            }
            group.addTask {
                for _ in 0..<200 {
                    let names = lines.filter { $0.hasPrefix("c{") }.map { $0.split(separator: " ")[0] }
                    #expect(Set(names).count == names.count)
                }
            }
        }
        #expect(lines.filter { $0.hasPrefix("c{") }.count == 400)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import Testing

@Suite struct ExpvarDocumentTests {
    /// Every kind of character that one of Go's two writers treats in its own way.
    static let hostile = "a\u{8}\u{c}\u{1}\u{7f}<>&\u{2028}\u{2029}é€😀/\"\\\n\r\t"

    @Test func aTextIsQuotedAsExpvarQuotesAString() {
        let registry = VariableRegistry()
        registry.text("x").set(Self.hostile)
        let expected = #""a\u0008\u000c\u0001"# + "\u{7f}" + #"\u003c\u003e\u0026\u2028\u2029é€😀/\"\\\n\r\t""#
        #expect(registry.document == "{\n\"x\": \(expected)\n}\n")
    }

    @Test func aComputedStringIsQuotedAsEncodingJSONDoes() {
        let registry = VariableRegistry()
        registry.computed("x") { .string(Self.hostile) }
        let expected = #""a\b\f\u0001"# + "\u{7f}" + #"\u003c\u003e\u0026\u2028\u2029é€😀/\"\\\n\r\t""#
        #expect(registry.document == "{\n\"x\": \(expected)\n}\n")
    }

    @Test func anEmptyRegistryIsPrintedAsGoPrintsAnEmptyMap() {
        #expect(VariableRegistry().document == "{\n\n}\n")
    }

    @Test func variablesAreSortedByBytes() {
        let registry = VariableRegistry()
        for name in ["b", "a_b", "a", "aB", "B"] { _ = registry.counter(name) }
        #expect(registry.document == "{\n\"B\": 0,\n\"a\": 0,\n\"aB\": 0,\n\"a_b\": 0,\n\"b\": 0\n}\n")
    }

    @Test func aComputedValueIsCompactWithSortedKeys() {
        let registry = VariableRegistry()
        registry.computed("x") { ["b": 1, "a": [1, 2.5, true, nil], "<": ["z": "y"]] }
        #expect(registry.document == "{\n\"x\": {\"\\u003c\":{\"z\":\"y\"},\"a\":[1,2.5,true,null],\"b\":1}\n}\n")
    }

    @Test func aFamilyIsAMapAndALevelForEachLabel() {
        let registry = VariableRegistry()
        let one = registry.counter("one", labels: ["code"])
        one["b"].increment()
        one["a"].increment(by: 2)
        let two = registry.gauge("two", labels: ["route", "code"])
        two["/b", "1"].set(0.5)
        two["/a", "2"].set(1e6)
        two["/a", "1"].set(2)
        _ = registry.counter("unused", labels: ["code"])
        #expect(
            registry.document == """
                {
                "one": {"a": 2, "b": 1},
                "two": {"/a": {"1": 2, "2": 1e+06}, "/b": {"1": 0.5}},
                "unused": {}
                }

                """)
    }

    @Test func aHistogramHasBucketsThatSumUpToItsCount() {
        let registry = VariableRegistry()
        let histogram = registry.histogram("x", bounds: [0.5, 1, 2])
        for value in [0.1, 0.5, 0.6, 2, 7] { histogram.record(value) }
        #expect(
            registry.document
                == "{\n\"x\": {\"buckets\": {\"0.5\": 2, \"1\": 1, \"2\": 1, \"+Inf\": 1}, \"count\": 5, \"sum\": 10.2}\n}\n"
        )
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func aNumberThatJSONCannotCarryIsNullAndNamedInTheProblems(number: Double) {
        let registry = VariableRegistry()
        registry.gauge("gauge").set(number)
        registry.gauge("family", labels: ["l"])["v"].set(number)
        registry.computed("a_computed") { [.double(number), .double(number)] }
        registry.gauge("z_fine").set(1)
        #expect(
            registry.document == """
                {
                "a_computed": [null,null],
                "debug_endpoint_problems": {"a_computed": "2 numbers that JSON cannot carry, written as null", \
                "family": "a number that JSON cannot carry, written as null", \
                "gauge": "a number that JSON cannot carry, written as null"},
                "family": {"v": null},
                "gauge": null,
                "z_fine": 1
                }

                """)
    }

    @Test func aClosureThatThrowsGivesNullAndItsErrorsTypeButNotItsText() {
        struct DatabaseGone: Error, CustomStringConvertible { let description = "password hunter2 refused" }
        let registry = VariableRegistry()
        registry.computed("x") { throw DatabaseGone() }
        #expect(
            registry.document == """
                {
                "debug_endpoint_problems": {"x": "its closure threw DatabaseGone; the value is null"},
                "x": null
                }

                """)
    }

    @Test(arguments: ["a", "e", nil])
    func theProblemsStandWhereTheirNameSorts(neighbour: String?) {
        let registry = VariableRegistry()
        if let neighbour { _ = registry.counter(neighbour) }
        _ = registry.counter("not a name")
        let names = registry.document.split(separator: "\n").filter { $0.hasPrefix("\"") }.map {
            $0.prefix { $0 != ":" }
        }
        #expect(
            names
                == ([neighbour.map { "\"\($0)\"" }, "\"debug_endpoint_problems\""].compactMap(\.self)).sorted().map {
                    $0[...]
                })
        #expect(registry.document.filter { $0 == "," }.count == (neighbour == nil ? 0 : 1))
    }

    @Test func whatTheServerAddsStandsInItsPlaceAndWinsOverAVariableOfTheSameName() {
        let registry = VariableRegistry()
        _ = registry.counter("b")
        _ = registry.counter("memstats")
        let document = registry.select().expvarDocument(extra: [
            (name: "memstats", json: Array("{}".utf8)), (name: "a", json: Array("[]".utf8)),
            (name: "z", json: Array("1".utf8)),
        ])
        #expect(
            String(decoding: document, as: UTF8.self) == """
                {
                "a": [],
                "b": 0,
                "debug_endpoint_problems": {"memstats": "the endpoint itself uses this name; the variable is not exported"},
                "memstats": {},
                "z": 1
                }

                """)
    }

    @Test func aValueNestedTooDeepIsNullAndItsNeighboursAreThere() {
        let registry = VariableRegistry()
        registry.computed("deep") {
            var value = JSONValue.int(1)
            for _ in 0..<100_000 { value = .array([value]) }
            return value
        }
        registry.computed("shallow") { (0..<200).reduce(JSONValue.int(1)) { value, _ in .array([value]) } }
        let document = registry.document
        #expect(document.contains("\"deep\": null,\n\"shallow\": [[[["))
        #expect(
            document.contains("\"debug_endpoint_problems\": {\"deep\": \"its value is nested more than 200 levels deep")
        )
    }

    @Test func labelValuesThatOnlyLookTheSameAreDifferentMembers() {
        let registry = VariableRegistry()
        let family = registry.counter("x", labels: ["l"])
        family["\u{e9}"].increment(by: 1)
        family["e\u{301}"].increment(by: 2)
        family["K"].increment(by: 3)
        family["\u{212a}"].increment(by: 4)
        #expect(
            Array(registry.document.utf8)
                == Array("{\n\"x\": {\"K\": 3, \"e\u{301}\": 2, \"\u{e9}\": 1, \"\u{212a}\": 4}\n}\n".utf8))
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import Testing

@Suite struct ExpositionTests {
    private static func sample() -> VariableRegistry {
        let registry = VariableRegistry()
        registry.counter("read_bytes_total", help: "Bytes \"in\",\nby \\ now", unit: "bytes").increment(by: 7)
        registry.counter("jobs").increment()
        registry.gauge("load").set(1)
        registry.counter("requests_total", help: "Requests", labels: ["route", "code"])["/a\"b\\c\nd", "200"]
            .increment()
        let duration = registry.histogram("wait_seconds", unit: "seconds", bounds: [0.5, 1])
        duration.record(0.25)
        duration.record(1, exemplar: ["trace_id": "abc"])
        registry.text("revision").set("4f2c91")
        _ = registry.text("nothing")
        registry.computed("cache") { ["hits": 3, "on": true, "name": "x", "deep": ["a": 1.5, "list": [4]]] }
        registry.computed("words") { "only text" }
        return registry
    }

    @Test func prometheusTextIsWrittenToTheByte() {
        #expect(
            Self.sample().exposition(.prometheus) == #"""
                # TYPE cache untyped
                cache{key="deep/a"} 1.5
                cache{key="deep/list/0"} 4
                cache{key="hits"} 3
                cache{key="on"} 1
                # TYPE jobs counter
                jobs 1
                # TYPE load gauge
                load 1
                # TYPE nothing_info gauge
                # HELP read_bytes_total Bytes "in",\nby \\ now
                # TYPE read_bytes_total counter
                read_bytes_total 7
                # HELP requests_total Requests
                # TYPE requests_total counter
                requests_total{route="/a\"b\\c\nd",code="200"} 1
                # TYPE revision_info gauge
                revision_info{value="4f2c91"} 1
                # TYPE wait_seconds histogram
                wait_seconds_bucket{le="0.5"} 1
                wait_seconds_bucket{le="1"} 2
                wait_seconds_bucket{le="+Inf"} 2
                wait_seconds_count 2
                wait_seconds_sum 1.25

                """#)
    }

    @Test func openMetricsIsWrittenToTheByte() {
        #expect(
            Self.sample().exposition(.openMetrics) == #"""
                # TYPE cache unknown
                cache{key="deep/a"} 1.5
                cache{key="deep/list/0"} 4
                cache{key="hits"} 3
                cache{key="on"} 1
                # TYPE jobs counter
                jobs_total 1
                # TYPE load gauge
                load 1.0
                # TYPE nothing info
                # HELP read_bytes Bytes \"in\",\nby \\ now
                # TYPE read_bytes counter
                # UNIT read_bytes bytes
                read_bytes_total 7
                # HELP requests Requests
                # TYPE requests counter
                requests_total{route="/a\"b\\c\nd",code="200"} 1
                # TYPE revision info
                revision_info{value="4f2c91"} 1
                # TYPE wait_seconds histogram
                # UNIT wait_seconds seconds
                wait_seconds_bucket{le="0.5"} 1
                wait_seconds_bucket{le="1.0"} 2 # {trace_id="abc"} 1.0
                wait_seconds_bucket{le="+Inf"} 2
                wait_seconds_count 2
                wait_seconds_sum 1.25
                # EOF

                """#)
    }

    @Test(arguments: [(Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (1e21, "1e+21")])
    func everyDoubleHasAForm(number: Double, text: String) {
        let registry = VariableRegistry()
        registry.gauge("x").set(number)
        #expect(registry.exposition(.prometheus) == "# TYPE x gauge\nx \(text)\n")
        #expect(registry.exposition(.openMetrics) == "# TYPE x gauge\nx \(text)\n# EOF\n")
    }

    @Test func aVariableWhoseClosureThrowsIsLeftOutAndTheRestIsThere() {
        struct Broken: Error {}
        let registry = VariableRegistry()
        registry.computed("a") { throw Broken() }
        registry.gauge("b").set(2)
        #expect(registry.exposition(.prometheus) == "# TYPE b gauge\nb 2\n")
    }

    @Test func variablesThatWouldWriteTheSameSeriesAreTheFirstOnlyAndAProblem() {
        let registry = VariableRegistry()
        _ = registry.histogram("wait", bounds: [1])
        registry.gauge("wait_count").set(3)
        _ = registry.counter("jobs_total")
        _ = registry.counter("jobs")
        let text = registry.exposition(.openMetrics)
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("wait_count") } == ["wait_count 0"])
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("jobs") } == ["jobs_total 0"])
        #expect(registry.snapshot().problems.map(\.variable) == ["jobs", "wait_count"])
        #expect(registry.document.contains("\"wait_count\": 3"))  // JSON has room for both
    }

    @Test func whatTheServerAddsGivesWayToAVariableOfTheSameName() {
        let registry = VariableRegistry()
        registry.gauge("process_open_fds").set(7)
        let extra = [
            ExtraMetric("process_open_fds", help: "ours", value: .gauge(1)),
            ExtraMetric("process_max_fds", help: "", value: .gauge(2)),
        ]
        let text = registry.exposition(.prometheus, extra: extra)
        #expect(
            text
                == "# TYPE process_open_fds gauge\nprocess_open_fds 7\n# TYPE process_max_fds gauge\nprocess_max_fds 2\n"
        )
    }

    @Test func whatTheServerAddsIsTheSameWhetherOrNotAVariableIsNear() {
        let extra = [
            ExtraMetric("process_a_total", help: "a", unit: "", isCounter: true, value: .counter(3)),
            ExtraMetric("process_b", help: "b", value: .gauge(2)),
            ExtraMetric(
                "swift_c_seconds", help: "c", unit: "seconds",
                value: .histogram(HistogramSnapshot(bounds: [1], buckets: [2, 1], sum: 4.5))),
        ]
        for format in [ExpositionFormat.prometheus, .openMetrics] {
            let far = VariableRegistry()
            far.gauge("q").set(1)
            let near = VariableRegistry()
            near.gauge("process").set(1)
            let written = far.exposition(format, extra: extra)
            #expect(written.contains("swift_c_seconds_count 3\n"))
            // Behind the two lines of each one's own variable.
            let behind = { (text: String) in text.split(separator: "\n").dropFirst(2) }
            #expect(behind(near.exposition(format, extra: extra)) == behind(written))
        }
        // The sum of a histogram is taken, and with it the histogram.
        let rival = VariableRegistry()
        rival.gauge("swift_c_seconds_sum").set(1)
        #expect(!rival.exposition(.prometheus, extra: extra).contains("swift_c_seconds_bucket"))
    }

    @Test func theNumberOfVariablesWithProblemsIsAMetric() {
        let registry = VariableRegistry()
        registry.gauge("fine").set(1)
        #expect(
            String(decoding: registry.select().exposition(.prometheus), as: UTF8.self).hasSuffix(
                "\ndebug_endpoint_problems 0\n"))
        registry.gauge("nan").set(.nan)
        _ = registry.counter("bad name")
        _ = registry.counter("bad name")
        #expect(
            String(decoding: registry.select().exposition(.prometheus), as: UTF8.self).hasSuffix(
                "\ndebug_endpoint_problems 2\n"))
    }

    @Test func namesThatOpenMetricsReservesAreTaken() {
        let registry = VariableRegistry()
        _ = registry.counter("a_total")
        _ = registry.gauge("a_created")
        _ = registry.gauge("b_created")
        _ = registry.histogram("b")
        _ = registry.gauge("c_created")  // control: nobody else takes it
        #expect(registry.snapshot().problems.map(\.variable) == ["a_created", "b"])
    }

    @Test func placesInsideAComputedValueNeverLookTheSame() {
        let registry = VariableRegistry()
        registry.computed("x") { ["a/b": 1, "a": ["b": 2], "a~1b": 3, "": ["c": 4], "c": 5, "d": [6], "d/0": 7] }
        let keys = registry.exposition(.prometheus).split(separator: "\n").dropFirst().map {
            $0.split(separator: "\"")[1]
        }
        #expect(keys == ["/c", "a/b", "a~1b", "a~01b", "c", "d/0", "d~10"])
    }

    @Test func aHistogramWithNegativeBoundsHasNoSumInOpenMetrics() {
        let registry = VariableRegistry()
        registry.histogram("x", bounds: [-1, 1]).record(-2)
        #expect(
            !registry.exposition(.openMetrics).contains("x_sum")
                && !registry.exposition(.openMetrics).contains("x_count"))
        #expect(
            registry.exposition(.prometheus).contains("x_sum -2\n")
                && registry.exposition(.prometheus).contains("x_count 1\n"))
    }
}

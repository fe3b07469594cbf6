// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What a careless author might register. All of it is allowed, and none of it may make a body that a parser refuses.

import DebugEndpoint

struct CacheIsCold: Error {}

func registerMisuse(in registry: VariableRegistry) {
    // Names of the endpoint's own.
    for name in [
        "cmdline", "memstats", "debug_endpoint_problems", "process_cpu_seconds_total", "process_open_fds", "up",
    ] {
        registry.gauge(name).set(1)
    }

    // Names that are samples of another family, before and after it in the alphabet.
    registry.counter("misuse_a_total").increment()
    for suffix in ["", "_created", "_info", "_bucket"] { registry.gauge("misuse_a" + suffix).set(1) }
    registry.histogram("misuse_b", unit: "seconds").record(1)
    for suffix in ["_bucket", "_count", "_created", "_sum", "_total"] { registry.gauge("misuse_b" + suffix).set(1) }
    registry.text("misuse_c").set("text")
    registry.gauge("misuse_c_info").set(1)
    registry.counter("misuse_d").increment()
    registry.counter("misuse_d_total").increment()
    registry.counter("misuse_e_total_total").increment()
    registry.histogram("misuse_f_total").record(1)
    registry.text("misuse_g_info").set("text")
    registry.gauge("misuse_h_total").set(1)
    for name in ["_total", "_info", "_bucket", ":", "_", "misuse:colons:5m", "misuseCamelCase"] {
        registry.counter(name).increment()
    }

    // Names and labels that no format can carry, and kinds that clash.
    for name in [
        "", "misuse-dash", "misuse caf\u{e9}", "9misuse", "misuse\nline", "misuse{x=\"y\"}", "misuse\"quote\\",
    ] {
        registry.gauge(name).set(1)
        registry.counter(name, labels: [name])[name].increment()
    }
    registry.counter("misuse_kind").increment()
    registry.gauge("misuse_kind").set(1)
    registry.histogram("misuse_le", labels: ["le"])["1"].record(1)
    registry.text("misuse_value", labels: ["value"])["a"].set("b")
    registry.gauge("misuse_twice", labels: ["a", "a"])["x", "y"].set(1)
    registry.gauge("misuse_reserved", labels: ["__name__"])["x"].set(1)
    registry.gauge("misuse_count_of_values", labels: ["a", "b"])["x"].set(1)
    registry.gauge("misuse_key", labels: ["job", "instance", "quantile", "key"])["a", "b", "c", "d"].set(1)

    // Values at the edge.
    registry.counter("misuse_negative_total").increment(by: -1)
    registry.counter("misuse_least_total").increment(by: .min)
    registry.gauge("misuse_nan").set(-.nan)
    registry.gauge("misuse_endless").set(-.infinity)
    registry.gauge("misuse_zero").set(-0.0)
    registry.text("misuse_text").set("\u{0}\r\n\u{85}\u{2028}\u{feff}\"\\")
    registry.gauge("misuse_label", labels: ["a"])["\u{0}\r\n\u{85}\u{2028}\u{feff}\"\\},{# "].set(1)
    registry.gauge("misuse_help", help: "\r\n \\n \"\u{0}\u{2028} # EOF\n# EOF\r").set(1)
    registry.gauge("misuse_unit_kelvin", help: " ", unit: "celsius").set(1)
    registry.gauge("misuse_unit_", unit: "\n").set(1)
    registry.text("misuse_long").set(String(repeating: "x", count: 100_000))

    let largest = Double.greatestFiniteMagnitude
    let boundLists: [[Double]] = [
        [], [-1, -0.0, 0.0, 1], [.infinity, .nan, 2, 1, 1], [.leastNonzeroMagnitude, 1e300, largest],
    ]
    for (index, bounds) in boundLists.enumerated() {
        let histogram = registry.histogram("misuse_bounds_\(index)", bounds: bounds)
        for value in [-2, 0, 1, largest, largest, .nan, .infinity] { histogram.record(value) }
    }
    let exemplars = registry.histogram("misuse_exemplars", bounds: [1, 2, 3, 4, 5])
    exemplars.record(0.5, exemplar: [:])
    exemplars.record(1.5, exemplar: ["trace-id": "bad name"])
    exemplars.record(2.5, exemplar: ["a": "q\"\n\\ } 1"])
    exemplars.record(3.5, exemplar: ["long": String(repeating: "x", count: 125)])
    exemplars.record(4.5, exemplar: ["full": String(repeating: "\u{1F600}", count: 124)])
    exemplars.record(5.5, exemplar: ["zero": "a\u{0}b"])
    exemplars.record(.nan, exemplar: ["a": "b"])

    registry.computed("misuse_throws") { throw CacheIsCold() }
    registry.computed("misuse_paths") { ["a/b": 1, "a": ["b": 2], "": ["c": 3, "": 4], "c": 5, "d": [6], "d/0": 7] }
    registry.computed("misuse_numbers") { [.double(.nan), .double(.infinity), .double(-0.0), .int(.min)] }
    registry.computed("misuse_total") { ["a": 1] }
    registry.computed("misuse_empty") { [:] }
    registry.computed("misuse_flat") { .double(.nan) }

    let crowd = registry.counter("misuse_crowd_total", labels: ["id"], limit: 10)
    for id in 0..<1000 { crowd["\(id)"].increment() }
}

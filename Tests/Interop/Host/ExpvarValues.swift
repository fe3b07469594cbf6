// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What Go's expvar can say too; oracle/main.go publishes the same, in the same order.

import DebugEndpoint

func registerExpvarValues(in registry: VariableRegistry) {
    func counter(_ name: String, _ value: Int) {
        registry.counter(name, help: "A count.").increment(by: value)
    }
    func gauge(_ name: String, _ value: Double) {
        registry.gauge(name, help: "A level.").set(value)
    }
    func text(_ name: String, _ value: String) {
        registry.text(name, help: "A text.").set(value)
    }

    counter("interop_zero_total", 0)
    counter("interop_one_total", 1)
    counter("interop_beyond_double_total", 9_007_199_254_740_993)
    counter("interop_largest_total", .max)

    // Keys are sorted by their bytes.
    counter("interop_order_0_total", 10)
    counter("interop_order_Z_total", 11)
    counter("interop_order__total", 12)
    counter("interop_order_a_total", 13)

    gauge("interop_level_zero", 0)
    gauge("interop_level_negative_zero", -0.0)
    gauge("interop_level_tenth", 0.1)
    gauge("interop_level_third", 1.0 / 3.0)
    gauge("interop_level_1e_minus_4", 0.0001)
    gauge("interop_level_1e_minus_7", 1e-7)
    gauge("interop_level_15e_minus_6", 1.5e-05)
    gauge("interop_level_100000", 100_000)
    gauge("interop_level_1e6", 1e6)
    gauge("interop_level_123456789", 123_456_789)
    gauge("interop_level_1234567_5", 1_234_567.5)
    gauge("interop_level_2_to_53", 9_007_199_254_740_992)
    gauge("interop_level_1e20", 1e20)
    gauge("interop_level_1e21", 1e21)
    gauge("interop_level_1e100", 1e100)
    gauge("interop_level_largest", .greatestFiniteMagnitude)
    gauge("interop_level_smallest", .leastNonzeroMagnitude)
    gauge("interop_level_negative", -2.5)
    gauge("interop_level_negative_exponent", -1.5e-300)

    text("interop_text_plain", "Mike")
    text("interop_text_empty", "")
    text("interop_text_quotes", "say \"hi\" \\ and/or")
    text("interop_text_html", "<a href='x'>&amp;</a>")
    text("interop_text_control", String(String.UnicodeScalarView((0..<32).map { Unicode.Scalar(UInt8($0)) })))
    text("interop_text_crlf", "one\r\ntwo\r\n")  // "\r\n" is one Character
    text("interop_text_delete", "\u{7f}")
    text("interop_text_separators", "a\u{2028}b\u{2029}c")
    text(
        "interop_text_unicode", "\u{e9} e\u{301} \u{65e5}\u{672c} \u{1F600} \u{1F468}\u{200d}\u{1F469}\u{200d}\u{1F467}"
    )
    text("interop_text_specials", "\u{80}\u{9f}\u{feff}\u{fffd}\u{ffff}\u{10FFFF}")

    // The keys include pairs that Swift's == calls equal and bytes tell apart.
    let requests = registry.counter("interop_requests_total", help: "A family with one label.", labels: ["route"])
    for (index, key) in [
        "/users", "", "z", "f", "\u{e9}", "e\u{301}", "K", "\u{212a}", "a b", "say \"hi\"", "back\\slash", "<&>",
        "line\nfeed", "\r\n",
        "\u{2028}", "\u{1F600}", "\u{ffff}", "\u{7f}", "10", "9", "A",
    ].enumerated() {
        requests[key].increment(by: index)
    }
    let temperature = registry.gauge("interop_temperature_celsius", help: "A family of levels.", labels: ["place"])
    temperature["attic"].set(31.25)
    temperature["cellar"].set(-0.0)
    temperature["oven"].set(1e21)
    temperature["space"].set(-270.45)
    temperature["lab"].set(1e-7)

    // Two labels are two levels.
    let replies = registry.counter(
        "interop_replies_total", help: "A family with two labels.", labels: ["route", "status"])
    for (route, status, count) in [("/users", "200", 7), ("/users", "404", 1), ("/", "500", 2), ("/", "200", 3)] {
        replies[route, status].increment(by: count)
    }
    _ = registry.counter("interop_empty_total", help: "A family without members.", labels: ["route"])

    registry.computed("interop_computed", help: "A tree.") {
        [
            "null": .null, "yes": true, "no": false, "int": -42, "large": 9_007_199_254_740_993, "least": .int(.min),
            "array": [1, [2, []], .object([:]), "x", .null],
            "object": [
                "z": 1, "f": 2, "e\u{301}": 3, "\u{1F600}": 4, "\u{ffff}": 5, "": 6, "<k>": 7, "\u{8}\u{c}": 8, "A": 9,
                "_": 10, "a": 11,
            ],
            "doubles": .array(
                [
                    1e21, 1e-7, 0.0, -0.0, 1.0, 100.0, 0.1, 1.5, 1e20, 123_456_789.0, 1e-6, 9.5e-7, 1.5e-10, 1e6, -2.5,
                    .greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e300, 999_999_999_999_999_999_999.0,
                ].map(JSONValue.double)
            ),
            "strings": [
                "\u{8}\u{c}\n\r\t", "<>&", "\u{2028}\u{2029}", "\u{7f}", "\u{0}\u{1f}", "\"\\/", "\u{e9}\u{1F600}", "",
                "\r\n",
            ],
        ]
    }
    registry.computed("interop_computed_number", help: "A leaf.") { 7 }
    registry.computed("interop_computed_double", help: "A leaf.") { .double(1e21) }
    registry.computed("interop_computed_text", help: "A leaf.") { "\u{8}<\u{c}>" }
    registry.computed("interop_computed_null", help: "A leaf.") { .null }
    registry.computed("interop_computed_array", help: "A leaf.") { [] }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Publishes with Go's expvar what Host/ExpvarValues.swift registers, in the same order, and Go's own profiles. Prints its URL,
// ends when stdin does.
package main

import (
	"expvar"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
)

func counter(name string, value int64) { expvar.NewInt(name).Set(value) }
func gauge(name string, value float64) { expvar.NewFloat(name).Set(value) }
func text(name, value string)          { expvar.NewString(name).Set(value) }

func float(value float64) *expvar.Float {
	variable := new(expvar.Float)
	variable.Set(value)
	return variable
}

func publish() {
	counter("interop_zero_total", 0)
	counter("interop_one_total", 1)
	counter("interop_beyond_double_total", 9007199254740993)
	counter("interop_largest_total", math.MaxInt64)

	// Keys are sorted by their bytes.
	counter("interop_order_0_total", 10)
	counter("interop_order_Z_total", 11)
	counter("interop_order__total", 12)
	counter("interop_order_a_total", 13)

	gauge("interop_level_zero", 0)
	gauge("interop_level_negative_zero", math.Copysign(0, -1))
	gauge("interop_level_tenth", 0.1)
	gauge("interop_level_third", 1.0/3.0)
	gauge("interop_level_1e_minus_4", 0.0001)
	gauge("interop_level_1e_minus_7", 1e-7)
	gauge("interop_level_15e_minus_6", 1.5e-05)
	gauge("interop_level_100000", 100000)
	gauge("interop_level_1e6", 1e6)
	gauge("interop_level_123456789", 123456789)
	gauge("interop_level_1234567_5", 1234567.5)
	gauge("interop_level_2_to_53", 9007199254740992)
	gauge("interop_level_1e20", 1e20)
	gauge("interop_level_1e21", 1e21)
	gauge("interop_level_1e100", 1e100)
	gauge("interop_level_largest", math.MaxFloat64)
	gauge("interop_level_smallest", math.SmallestNonzeroFloat64)
	gauge("interop_level_negative", -2.5)
	gauge("interop_level_negative_exponent", -1.5e-300)

	text("interop_text_plain", "Mike")
	text("interop_text_empty", "")
	text("interop_text_quotes", "say \"hi\" \\ and/or")
	text("interop_text_html", "<a href='x'>&amp;</a>")
	text("interop_text_control", "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"+
		"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f")
	text("interop_text_crlf", "one\r\ntwo\r\n")
	text("interop_text_delete", "\x7f")
	text("interop_text_separators", "a\u2028b\u2029c")
	text("interop_text_unicode", "\u00e9 e\u0301 \u65e5\u672c \U0001F600 \U0001F468\u200d\U0001F469\u200d\U0001F467")
	text("interop_text_specials", "\u0080\u009f\ufeff\ufffd\uffff\U0010FFFF")

	// A family with one label; the keys include pairs that Unicode calls equivalent and bytes tell apart.
	requests := expvar.NewMap("interop_requests_total")
	for index, key := range []string{
		"/users", "", "z", "f", "\u00e9", "e\u0301", "K", "\u212a", "a b", "say \"hi\"", "back\\slash", "<&>", "line\nfeed", "\r\n",
		"\u2028", "\U0001F600", "\uffff", "\x7f", "10", "9", "A",
	} {
		requests.Add(key, int64(index))
	}
	temperature := expvar.NewMap("interop_temperature_celsius")
	temperature.Set("attic", float(31.25))
	temperature.Set("cellar", float(math.Copysign(0, -1)))
	temperature.Set("oven", float(1e21))
	temperature.Set("space", float(-270.45))
	temperature.Set("lab", float(1e-7))

	// Two labels are two levels.
	replies := expvar.NewMap("interop_replies_total")
	for _, reply := range []struct {
		route, status string
		count         int64
	}{{"/users", "200", 7}, {"/users", "404", 1}, {"/", "500", 2}, {"/", "200", 3}} {
		if replies.Get(reply.route) == nil {
			replies.Set(reply.route, new(expvar.Map).Init())
		}
		replies.Get(reply.route).(*expvar.Map).Add(reply.status, reply.count)
	}
	expvar.NewMap("interop_empty_total")

	publishFunc("interop_computed", map[string]any{
		"null": nil, "yes": true, "no": false, "int": -42, "large": int64(9007199254740993), "least": int64(math.MinInt64),
		"array": []any{1, []any{2, []any{}}, map[string]any{}, "x", nil},
		"object": map[string]any{
			"z": 1, "f": 2, "e\u0301": 3, "\U0001F600": 4, "\uffff": 5, "": 6, "<k>": 7, "\b\f": 8, "A": 9, "_": 10, "a": 11,
		},
		"doubles": []any{
			1e21, 1e-7, 0.0, math.Copysign(0, -1), 1.0, 100.0, 0.1, 1.5, 1e20, 123456789.0, 1e-6, 9.5e-7, 1.5e-10, 1e6, -2.5,
			math.MaxFloat64, math.SmallestNonzeroFloat64, 1e300, 999999999999999999999.0,
		},
		"strings": []any{"\b\f\n\r\t", "<>&", "\u2028\u2029", "\x7f", "\x00\x1f", "\"\\/", "\u00e9\U0001F600", "", "\r\n"},
	})
	publishFunc("interop_computed_number", 7)
	publishFunc("interop_computed_double", 1e21)
	publishFunc("interop_computed_text", "\b<\f>")
	publishFunc("interop_computed_null", nil)
	publishFunc("interop_computed_array", []any{})
}

func publishFunc(name string, value any) {
	expvar.Publish(name, expvar.Func(func() any { return value }))
}

func main() {
	publish()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	go http.Serve(listener, nil)
	io.Copy(io.Discard, os.Stdin)
}

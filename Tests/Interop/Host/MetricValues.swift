// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// One of everything the metrics formats know; the figures are the ones that values.py expects.

import DebugEndpoint

func registerMetricValues(in registry: VariableRegistry) {
    registry.counter("interop_jobs_total", help: "Jobs done, \"quoted\" with a back\\slash and\na second line.")
        .increment(by: 42)
    registry.gauge("interop_queue_depth", help: "Jobs waiting now.").set(-2.5)
    registry.gauge("interop_not_a_number", help: "NaN is a value here.").set(.nan)
    registry.gauge("interop_endless", help: "Infinity is a value here.").set(.infinity)
    registry.gauge("interop_reserve_bytes", help: "A level with a unit.", unit: "bytes").set(1.5e9)

    let requests = registry.counter("interop_requests_total", help: "Requests served.", labels: ["route", "status"])
    requests["/users", "200"].increment(by: 7)
    requests["/users", "404"].increment()
    requests["/say \"hi\"\\\n\u{e9}", "200"].increment(by: 3)

    let latency = registry.histogram(
        "interop_latency_seconds", help: "Time to answer.", unit: "seconds", bounds: [0.000_01, 0.25, 1, 10, 1_000_000])
    latency.record(0.125)
    latency.record(0.5, exemplar: ["trace_id": "4bf92f3577b34da6"])
    latency.record(1)  // a bound belongs to the bucket below it
    latency.record(2_000_000)

    let sizes = registry.histogram(
        "interop_reply_size_bytes", help: "Size of replies.", unit: "bytes", labels: ["route"], bounds: [100, 1000])
    sizes["/users"].record(50)
    sizes["/users"].record(5000)
    sizes["/"].record(500)

    registry.text("interop_build_revision", help: "What was built.").set("4f2c91 \"dirty\"\\\n")
    registry.computed("interop_cache", help: "What the cache is worth.") {
        ["hits": 12, "ratio": .double(0.75), "name": "first"]
    }
}

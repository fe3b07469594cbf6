// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What test_statsd.py expects to arrive: at Netdata as DogStatsD, at collectd in the plain dialect.

import DebugEndpoint
import DebugEndpointDogStatsD

func registerReportedValues(in registry: VariableRegistry) {
    registry.counter("interop_jobs_total").increment(by: 42)
    registry.gauge("interop_reserve_bytes").set(1.5e9)
    registry.gauge("interop_queue_depth").set(2.5)
    registry.counter("interop_requests_total", labels: ["route", "status"])["/users", "200"].increment(by: 7)
    let latency = registry.histogram("interop_latency_seconds", bounds: [0.25, 1])
    for value in [0.125, 0.5, 0.5, 2] { latency.record(value) }
    registry.computed("interop_cache") { ["hits": 12, "ratio": 0.75] }
}

/// The second argument is the address, the third the dialect. `DD_` variables are as the test has set them.
func startReporter(for registry: VariableRegistry) throws -> RuntimeMetricsReporter {
    let arguments = CommandLine.arguments
    guard arguments.count == 4 else { fatalError("usage: InteropHost report ADDRESS plain|dogstatsd") }
    var configuration = RuntimeMetricsReporter.Configuration(
        address: arguments[2], registry: registry, sendsRegistry: true,
        dialect: arguments[3] == "plain" ? .plain : .dogStatsD)
    if configuration.dialect == .plain { registry.gauge("interop_below_zero").set(-7.5) }
    configuration.interval = .seconds(1)
    return try RuntimeMetricsReporter.start(configuration)
}

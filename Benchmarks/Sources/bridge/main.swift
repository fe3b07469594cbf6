// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Nanoseconds for one increment of a kept counter: the registry's own, one of swift-metrics over the registry and, where the
// package could be had, one over swift-prometheus. They take turns, slice by slice:   bridge SLICES
import CoreMetrics
import DebugEndpoint
import DebugEndpointMetrics

#if SWIFT_PROMETHEUS
    import Prometheus
#endif

let incrementsInASlice = 100_000

@inline(never)
func increment(_ counter: CounterVariable) {
    for _ in 0..<incrementsInASlice { counter.increment() }
}

@inline(never)
func increment(_ counter: CoreMetrics.Counter) {
    for _ in 0..<incrementsInASlice { counter.increment() }
}

@inline(never)
func makeAgain(_ factory: DebugMetricsFactory) {
    for _ in 0..<incrementsInASlice / 100 {
        CoreMetrics.Counter(label: "made_again", dimensions: [("route", "/"), ("status", "200")], factory: factory)
            .increment()
    }
}

func nanoseconds(_ operations: Int, _ run: () -> Void) -> Double {
    let start = ContinuousClock.now
    run()
    return (ContinuousClock.now - start) / .nanoseconds(1) / Double(operations)
}

guard CommandLine.arguments.count == 2, let slices = Int(CommandLine.arguments[1]), slices > 0 else {
    fatalError("usage: bridge SLICES")
}
let registry = VariableRegistry()
let factory = DebugMetricsFactory(registry)
let bare = registry.counter("bare_total")
let bridged = CoreMetrics.Counter(label: "bridged_total", factory: factory)
#if SWIFT_PROMETHEUS
    let prometheus = CoreMetrics.Counter(
        label: "prometheus_total", factory: PrometheusMetricsFactory(registry: PrometheusCollectorRegistry()))
#endif
var times: [String: [Double]] = [:]
for slice in 0..<slices + slices / 10 {
    var found = [
        "bare": nanoseconds(incrementsInASlice) { increment(bare) },
        "bridged": nanoseconds(incrementsInASlice) { increment(bridged) },
        "made_again": nanoseconds(incrementsInASlice / 100) { makeAgain(factory) },
    ]
    #if SWIFT_PROMETHEUS
        found["prometheus"] = nanoseconds(incrementsInASlice) { increment(prometheus) }
    #endif
    guard slice >= slices / 10 else { continue }  // one tenth to warm up
    for (name, time) in found { times[name, default: []].append(time) }
}
guard bare.value == registry.counter("bridged_total").value, bare.value > 0 else { fatalError("a counter is wrong") }
for (name, all) in times.sorted(by: { $0.key < $1.key }) { print(name, all.sorted()[all.count / 2]) }

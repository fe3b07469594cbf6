// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint

/// The variables of this service.
struct ServiceStatistics: Sendable {
    let requests: CounterFamily
    let requestDuration: HistogramFamily
    let requestsInFlight: GaugeVariable
    let numbers: CounterVariable
    let ledgerEntries: GaugeFamily
    let audit: TextVariable
    let dependencyWaiting: GaugeVariable

    init(registry: VariableRegistry) {
        requests = registry.counter("busy_requests_total", help: "Requests answered", labels: ["route", "status"])
        requestDuration = registry.histogram(
            "busy_request_duration_seconds", help: "From the request's head to the answer's", unit: "seconds",
            labels: ["route"], bounds: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2])
        requestsInFlight = registry.gauge("busy_requests_in_flight", help: "Requests being answered")
        numbers = registry.counter("busy_numbers_total", help: "Numbers summed")
        // 100: clients choose the names of accounts.
        ledgerEntries = registry.gauge(
            "busy_ledger_entries", help: "Sums posted by account, at the last audit", labels: ["account"], limit: 100)
        audit = registry.text("busy_ledger_audit", help: "What the last audit found")
        dependencyWaiting = registry.gauge(
            "busy_dependency_waiting", help: "Requests that wait for the slow dependency")
    }
}

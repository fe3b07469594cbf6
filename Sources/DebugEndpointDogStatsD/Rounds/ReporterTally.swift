// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
package import DebugVariables

/// What a reporter has sent and dropped: as variables of the registry, and for the client's telemetry.
///
/// Used by one thread only; the variables may be read by any. Two reporters with one registry share the variables.
package final class ReporterTally {
    enum DropReason: String {
        /// No room was left while the agent was slow or away. Counts are sent with the next round, gauges are not.
        case queue
        /// The agent was not there, or refused it.
        case writer
    }

    /// Why a value was not made into a line.
    enum SkipReason: String {
        case notFinite = "not_finite"
        /// The name has over 200 characters or does not begin with a letter, which Datadog asks for.
        case name
        /// Another value of the round has the same name in the line protocol.
        case clash
        /// The line is longer than a payload.
        case size
    }

    /// Totals since the start. Unlike the variables, they are one reporter's alone.
    struct Totals: Equatable {
        var gauges = 0
        var counts = 0
        var distributions = 0
        var packetsSent = 0
        var packetsDroppedByQueue = 0
        var packetsDroppedByWriter = 0
        var bytesSent = 0
        var bytesDroppedByQueue = 0
        var bytesDroppedByWriter = 0
    }
    var totals = Totals()

    private let metricsSent: CounterVariable
    private let metricsDropped: CounterFamily
    private let packetsSent: CounterVariable
    private let packetsDropped: CounterFamily
    private let bytesSent: CounterVariable
    private let bytesDropped: CounterFamily
    private let skipped: CounterFamily
    private let buffered: GaugeVariable
    private let problem: TextVariable

    package init(_ registry: VariableRegistry) {
        metricsSent = registry.counter("dogstatsd_metrics_sent_total", help: "Lines given to the agent.")
        metricsDropped = registry.counter(
            "dogstatsd_metrics_dropped_total", help: "Lines that did not reach the agent.", labels: ["reason"])
        packetsSent = registry.counter("dogstatsd_packets_sent_total", help: "Payloads given to the agent.")
        packetsDropped = registry.counter(
            "dogstatsd_packets_dropped_total", help: "Payloads that did not reach the agent.", labels: ["reason"])
        bytesSent = registry.counter("dogstatsd_bytes_sent_total", help: "Bytes given to the agent.")
        bytesDropped = registry.counter(
            "dogstatsd_bytes_dropped_total", help: "Bytes that did not reach the agent.", labels: ["reason"])
        skipped = registry.counter(
            "dogstatsd_values_skipped_total", help: "Values that no line can carry.", labels: ["reason"])
        buffered = registry.gauge("dogstatsd_buffered_bytes", help: "Bytes that wait for the agent.")
        problem = registry.text("dogstatsd_problem", help: "Why the agent gets nothing now; empty when it does.")
        for reason in [DropReason.queue, .writer] {
            for family in [metricsDropped, packetsDropped, bytesDropped] { family[reason.rawValue].increment(by: 0) }
        }
    }

    func sent(_ payload: Payload) {
        totals.packetsSent += 1
        totals.bytesSent += payload.bytes.count
        metricsSent.increment(by: payload.lines)
        packetsSent.increment()
        bytesSent.increment(by: payload.bytes.count)
    }

    func dropped(_ payload: Payload, _ reason: DropReason) {
        switch reason {
        case .queue:
            totals.packetsDroppedByQueue += 1
            totals.bytesDroppedByQueue += payload.bytes.count
        case .writer:
            totals.packetsDroppedByWriter += 1
            totals.bytesDroppedByWriter += payload.bytes.count
        }
        metricsDropped[reason.rawValue].increment(by: payload.lines)
        packetsDropped[reason.rawValue].increment()
        bytesDropped[reason.rawValue].increment(by: payload.bytes.count)
    }

    /// A datagram that was counted as sent and, as the kernel says now, was not received.
    func lost(_ payload: Payload) {
        dropped(payload, .writer)
    }

    func skip(_ reason: SkipReason) {
        skipped[reason.rawValue].increment()
    }

    func show(bufferedBytes: Int, problem sentence: String?) {
        buffered.set(Double(bufferedBytes))
        problem.set(sentence ?? "")
    }
}

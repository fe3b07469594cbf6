// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What Datadog's clients tell of themselves each round: what they have sent and dropped since the last.
///
/// What a reporter never has (events, service checks, sets, client-side aggregation) is left out.
struct ClientTelemetry {
    static let version = "0.1.0"
    private var told = ReporterTally.Totals()

    mutating func write(to writer: LineWriter, transport: AgentSocket.Transport?) {
        guard writer.format.dialect == .dogStatsD, let transport else { return }
        let now = writer.tally.totals
        let tags = "client:swift,client_version:\(Self.version),client_transport:\(transport.rawValue)"
        func tell(_ name: String, _ value: (ReporterTally.Totals) -> Int, type: String? = nil) {
            let tags = type.map { tags + ",metrics_type:" + $0 } ?? tags
            writer.own("datadog.dogstatsd.client." + name, tags: tags, value(now) - value(told))
        }
        tell("metrics") { $0.gauges + $0.counts + $0.distributions }
        tell("metrics_by_type", { $0.gauges }, type: "gauge")
        tell("metrics_by_type", { $0.counts }, type: "count")
        tell("metrics_by_type", { $0.distributions }, type: "distribution")
        tell("packets_sent") { $0.packetsSent }
        tell("packets_dropped") { $0.packetsDroppedByQueue + $0.packetsDroppedByWriter }
        tell("packets_dropped_queue") { $0.packetsDroppedByQueue }
        tell("packets_dropped_writer") { $0.packetsDroppedByWriter }
        tell("bytes_sent") { $0.bytesSent }
        tell("bytes_dropped") { $0.bytesDroppedByQueue + $0.bytesDroppedByWriter }
        tell("bytes_dropped_queue") { $0.bytesDroppedByQueue }
        tell("bytes_dropped_writer") { $0.bytesDroppedByWriter }
        told = now
    }
}

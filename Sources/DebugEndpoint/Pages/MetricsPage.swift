// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import MicroHTTP

/// `/metrics`.
enum MetricsPage {
    static func answer(_ request: RouteRequest, _ endpoint: Endpoint) -> Response {
        let choice = choose(QualityValues(request.request.header("Accept") ?? ""))
        return Response(
            contentType: choice.contentType, headers: [("Vary", "Accept")],
            body: endpoint.registry.select().exposition(
                choice.format, recent: RuntimeExposition.recent(choice.format),
                extra: LeakScanHistory.shared.variables()))
    }

    /// The format with the highest quality among those we write; Prometheus text when none is asked for.
    static func choose(_ accept: QualityValues) -> (format: ExpositionFormat, contentType: String) {
        var best: (quality: Double, format: ExpositionFormat, item: QualityValues.Item)?
        for item in accept.items where item.quality > best?.quality ?? 0 {
            let version = item.parameters["version"]
            switch item.value {
            case "application/openmetrics-text" where version == nil || version == "1.0.0" || version == "0.0.1":
                best = (item.quality, .openMetrics, item)
            case "text/plain" where version == nil || version == "0.0.4", "text/*", "*/*":
                best = (item.quality, .prometheus, item)
            default: continue
            }
        }
        guard let best, best.format == .openMetrics else {
            return (.prometheus, "text/plain; version=0.0.4; charset=utf-8")
        }
        // Our names need no escaping; a scraper that asks about it is told that none was done.
        let escaping = best.item.parameters["escaping"] == nil ? "" : "; escaping=underscores"
        let version = best.item.parameters["version"] ?? "1.0.0"
        return (.openMetrics, "application/openmetrics-text; version=\(version); charset=utf-8\(escaping)")
    }
}

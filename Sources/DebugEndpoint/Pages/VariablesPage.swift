// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import MicroHTTP

/// `/debug/vars`.
enum VariablesPage {
    static func answer(_ request: RouteRequest, _ endpoint: Endpoint) -> Response {
        let isWanted = request.query.filter("match")
        var extra: [(name: String, json: [UInt8])] = []
        if isWanted?("cmdline") ?? true { extra.append(("cmdline", endpoint.cmdline)) }
        if isWanted?("memstats") ?? true { extra.append(("memstats", endpoint.memory.json())) }
        for metric in LeakScanHistory.shared.variables() where isWanted?(metric.name) ?? true {
            guard case .gauge(let number) = metric.value else { continue }
            var text = TextWriter(capacity: 32)
            text.write(json: JSONValue.double(number))
            extra.append((metric.name, text.finish()))
        }
        if isWanted?("runtime") ?? true { extra.append(("runtime", RuntimeExposition.recentObject)) }
        return Response(
            contentType: "application/json; charset=utf-8",
            body: endpoint.registry.select(where: isWanted).expvarDocument(extra: extra))
    }

    static func state(_ endpoint: Endpoint) -> String {
        let count = endpoint.registry.count
        return "\(count) \(count == 1 ? "variable" : "variables")"
    }
}

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
        return Response(
            contentType: "application/json; charset=utf-8",
            body: endpoint.registry.select(where: isWanted).expvarDocument(extra: extra))
    }

    static func state(_ endpoint: Endpoint) -> String {
        let count = endpoint.registry.count
        return "\(count) \(count == 1 ? "variable" : "variables")"
    }
}

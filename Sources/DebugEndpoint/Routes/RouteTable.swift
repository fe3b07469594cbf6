// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import MicroHTTP

/// Every path of the endpoint, and the way from a request to its route. `openapi.yaml` says the same for clients.
enum RouteTable {
    static let routes: [Route] = [
        Route(
            path: "/debug/", sentence: "this page: every path and what it shows",
            answer: { (request, endpoint) throws(Problem) in IndexPage.answer(request, endpoint) }),
        Route(
            path: "/debug/vars",
            sentence: "named variables as JSON, in the form of Go's expvar; ?match=http_* takes some",
            parameters: [Parameter(name: "match", kind: .patterns)],
            state: { VariablesPage.state($0) },
            answer: { (request, endpoint) throws(Problem) in VariablesPage.answer(request, endpoint) }),
        Route(
            path: "/metrics", sentence: "the same variables and process figures for Prometheus, as text or OpenMetrics",
            answer: { (request, endpoint) throws(Problem) in MetricsPage.answer(request, endpoint) }),
        Route(
            path: "/openapi.yaml", sentence: "the contract of this endpoint, OpenAPI 3.1",
            answer: { (_, _) throws(Problem) in
                Response(contentType: "application/yaml; charset=utf-8", body: PackageResources.openapi_yaml)
            }),
    ]

    static func answer(_ request: Request, _ endpoint: Endpoint) -> Response {
        guard let route = routes.first(where: { $0.path == request.path }) else {
            return .text(
                "there is no page at this path: the nearest is \(nearest(to: request.path)), and /debug/ lists all",
                status: 404)
        }
        guard request.method == "GET" || request.method == "HEAD" else {
            return .text(
                "\(route.path) is only read: use GET or HEAD", status: 405, headers: [("Allow", route.allow)])
        }
        do throws(Problem) {
            return try route.answer(RouteRequest(request: request, query: Query(request.query, for: route)), endpoint)
        } catch {
            return error.response
        }
    }

    static func nearest(to path: String) -> String {
        let asked = Array(path.utf8.prefix(100))
        return routes.map(\.path).min { distance(asked, Array($0.utf8)) < distance(asked, Array($1.utf8)) } ?? "/debug/"
    }

    /// The Levenshtein distance: how many bytes must be added, removed or replaced.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, byte) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in b.enumerated() {
                let replaced = diagonal + (byte == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }
}

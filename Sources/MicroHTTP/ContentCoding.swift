// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// gzip for clients that accept it, where the body is text long enough to gain.
enum ContentCoding {
    private static let smallest = 1024

    static func apply(to response: Response, for request: Request) -> Response {
        guard isText(response.contentType), !response.headers.contains(where: { $0.name == "Content-Encoding" }) else {
            return response
        }
        var response = response
        response.headers.append(("Vary", "Accept-Encoding"))
        guard response.body.count >= smallest,
            QualityValues(request.header("Accept-Encoding") ?? "").quality(of: "gzip") ?? 0 > 0,
            let compressed = Gzip.compress(response.body)
        else { return response }
        response.body = compressed
        response.headers.append(("Content-Encoding", "gzip"))
        return response
    }

    private static func isText(_ contentType: String) -> Bool {
        contentType.hasPrefix("text/") || contentType.hasPrefix("application/json")
            || contentType.hasPrefix("application/openmetrics-text") || contentType.hasPrefix("application/yaml")
    }
}

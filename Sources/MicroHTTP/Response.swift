// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What a handler answers. The server adds Date, Content-Length, `nosniff` and `no-store`, and compresses where it helps.
package struct Response: Sendable {
    package var status: Int
    package var contentType: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(
        status: Int = 200, contentType: String, headers: [(name: String, value: String)] = [], body: [UInt8]
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    /// A sentence and a line end as plain text.
    package static func text(
        _ sentence: String, status: Int = 200, headers: [(name: String, value: String)] = []
    ) -> Response {
        Response(
            status: status, contentType: "text/plain; charset=utf-8", headers: headers,
            body: Array((sentence + "\n").utf8))
    }
}

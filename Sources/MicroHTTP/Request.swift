// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// One request, complete: its body has been read.
package struct Request: Sendable {
    /// The method token as the client sent it; HEAD is answered like GET, without the body.
    package let method: String

    /// The path, percent-decoded.
    package let path: String

    /// The query's parameters in their order, percent-decoded; a repeated name is there twice.
    package let query: [(name: String, value: String)]

    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    /// The client's address and port, or `unix`.
    package let peer: String

    /// For a handler that takes long: see ``interruption``.
    let watch: RequestWatch?

    package init(
        method: String = "GET", path: String, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], body: [UInt8] = [], peer: String = "none"
    ) {
        self.init(method: method, path: path, query: query, headers: headers, body: body, peer: peer, watch: nil)
    }

    init(
        method: String, path: String, query: [(name: String, value: String)], headers: [(name: String, value: String)],
        body: [UInt8], peer: String, watch: RequestWatch?
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.peer = peer
        self.watch = watch
    }

    /// The values of a header, in their order, joined by commas as HTTP allows; nil when it is absent.
    package func header(_ name: String) -> String? {
        let values = headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }
}

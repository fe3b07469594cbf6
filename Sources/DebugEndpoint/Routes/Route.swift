// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import MicroHTTP

/// One path of the endpoint.
struct Route: Sendable {
    let path: String
    /// One sentence for the index.
    let sentence: String
    var parameters: [Parameter] = []
    /// What the index shows beside the sentence, such as a live count.
    var state: @Sendable (Endpoint) -> String = { _ in "on" }
    /// Whether a body may ask for what is too long for a query; the answer is that of GET.
    var takesPost = false
    /// Whether the query is the page's own language instead of parameters.
    var takesRawQuery = false
    let answer: @Sendable (RouteRequest, Endpoint) throws(Problem) -> Response

    /// HEAD is answered wherever GET is.
    var allow: String { takesPost ? "GET, HEAD, POST" : "GET, HEAD" }

    func takes(_ method: String) -> Bool { method == "GET" || method == "HEAD" || takesPost && method == "POST" }
}

/// A request that found its route: its query has been checked against the route's parameters.
struct RouteRequest: Sendable {
    let request: Request
    let query: Query

    /// Whether the client asks for HTML by name, as browsers do and curl does not.
    var prefersHTML: Bool {
        let accept = QualityValues(request.header("Accept") ?? "")
        guard let html = accept.items.first(where: { $0.value == "text/html" }), html.quality > 0 else { return false }
        return html.quality >= accept.quality(ofMediaType: "text/plain") ?? 0
    }
}

/// What every page may look at.
struct Endpoint: Sendable {
    let registry: VariableRegistry
    let arguments: [String]
    /// The arguments as JSON; they do not change.
    let cmdline: [UInt8]
    let memory = MemoryStatistics()
    let sightings = TaskSightings()

    init(_ configuration: DebugServer.Configuration) {
        registry = configuration.registry
        arguments = ArgumentList.shown(CommandLine.arguments, configuration.arguments)
        cmdline = ArgumentList.json(arguments)
    }
}

/// An answer other than 200, with its sentence.
struct Problem: Error {
    let status: Int
    let sentence: String
    var headers: [(name: String, value: String)] = []

    var response: Response { .text(sentence, status: status, headers: headers) }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables

/// A query parameter that a route takes.
struct Parameter: Sendable {
    enum Kind: Sendable {
        /// Glob patterns over names, separated by commas.
        case patterns
    }
    let name: String
    let kind: Kind

    static let longest = 1000
}

/// The parameters of one request, checked: each known, given once and within its bounds.
struct Query: Sendable {
    private var patterns: [String: [GlobPattern]] = [:]

    init(_ given: [(name: String, value: String)], for route: Route) throws(Problem) {
        var seen: Set<String> = []
        for (name, value) in given {
            guard let parameter = route.parameters.first(where: { $0.name == name }) else {
                let known = route.parameters.map(\.name).joined(separator: ", ")
                throw Problem(
                    status: 400,
                    sentence:
                        "a query parameter is unknown to \(route.path), which takes \(known.isEmpty ? "none" : known)")
            }
            guard seen.insert(name).inserted else {
                throw Problem(status: 400, sentence: "\(name) is given more than once: give it once")
            }
            switch parameter.kind {
            case .patterns: patterns[name] = try Self.parsePatterns(name, value)
            }
        }
    }

    /// Whether one of the parameter's patterns matches a text; nil when the parameter was not given.
    func filter(_ name: String) -> ((String) -> Bool)? {
        guard let patterns = patterns[name] else { return nil }
        return { text in patterns.contains { $0.matches(text) } }
    }

    private static func parsePatterns(_ name: String, _ value: String) throws(Problem) -> [GlobPattern] {
        let parts = value.split(separator: ",", omittingEmptySubsequences: false)
        let patterns = parts.compactMap { GlobPattern(String($0)) }
        guard value.utf8.count <= Parameter.longest, patterns.count == parts.count else {
            throw Problem(
                status: 400,
                sentence: "\(name) is not a list of patterns: give names with *, ? or [a-z], separated by commas, "
                    + "\(Parameter.longest) characters at most")
        }
        return patterns
    }
}

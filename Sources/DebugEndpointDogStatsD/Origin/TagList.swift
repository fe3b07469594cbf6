// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The tags of every line: those configured, those of `DD_TAGS`, and `env`, `service` and `version`.
struct TagList {
    private(set) var tags: [String] = []

    /// Datadog joins metrics, traces and profiles by one `env`, `service` and `version`: there is at most one of each, and the
    /// environment's wins over the configured one, which wins over that in `DD_TAGS`.
    init(configured: [String], environment: ProcessEnvironment) {
        var unified: [String: String] = [:]
        for tag in Self.split(environment["DD_TAGS"] ?? "") + configured.map(Self.cleaned) where !tag.isEmpty {
            if let key = Self.unifiedKeys.first(where: { tag.hasPrefix($0.key + ":") })?.key {
                unified[key] = tag
            } else if !tags.contains(tag) {
                tags.append(tag)
            }
        }
        for (key, variable) in Self.unifiedKeys {
            if let value = environment[variable] { unified[key] = "\(key):\(Self.cleaned(value))" }
        }
        tags = Self.unifiedKeys.compactMap { unified[$0.key] } + tags
        if let entity = environment["DD_ENTITY_ID"] { tags.append("dd.internal.entity_id:" + Self.cleaned(entity)) }
    }

    private static let unifiedKeys = [("env", "DD_ENV"), ("service", "DD_SERVICE"), ("version", "DD_VERSION")].map {
        (key: $0.0, variable: $0.1)
    }

    /// `a:1,b:2`, or `a:1 b:2` where there is no comma.
    private static func split(_ text: String) -> [String] {
        text.split(separator: text.contains(",") ? "," : " ").map { cleaned(String($0)) }
    }

    /// Without blanks around it, and with `_` for what would end a tag or a line.
    static func cleaned(_ tag: String) -> String {
        var scalars = tag.unicodeScalars[...]
        while let last = scalars.last, isBlank(last) { scalars.removeLast() }
        while let first = scalars.first, isBlank(first) { scalars.removeFirst() }
        return cleanedValue(String(scalars))
    }

    /// With `_` for what would end a tag or a line; blanks stay.
    static func cleanedValue(_ value: String) -> String {
        let isClean = value.utf8.allSatisfy { $0 >= 32 && $0 < 127 && !endsTag(Unicode.Scalar($0)) }
        guard !isClean else { return value }
        return String(String.UnicodeScalarView(value.unicodeScalars.map { endsTag($0) ? "_" : $0 }))
    }

    private static func endsTag(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "," || scalar == "|" || scalar.properties.generalCategory == .control
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar.value <= 32 }
}

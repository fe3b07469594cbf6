// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The metrics that a query in Prometheus' language names: as much of the language as the dashboards use.
struct PromQuery {
    let text: String
    let names: Set<String>

    /// Those directly in `rate(…)` or another function of how something changes.
    let rated: Set<String>

    init(_ text: String) {
        self.text = text
        // Selectors, ranges, quoted text and lists of labels hold no names of metrics.
        let bare = text.split(separator: " #")[0]
            .replacing(/\{[^}]*\}|\[[^\]]*\]|"[^"]*"/) { _ in "" }
            .replacing(/\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)/) { _ in "" }
        names = Set(
            bare.matches(of: /([\w:.]+)(\s*\()?/)
                .filter { $0.2 == nil && $0.1.first?.isNumber == false }.map { String($0.1) }
        ).subtracting(["and", "or", "unless", "offset", "bool"])
        rated = Set(bare.matches(of: /\b(?:rate|increase|irate)\(\s*([a-zA-Z_:][\w:]*)\s*\)/).map { String($0.1) })
    }
}

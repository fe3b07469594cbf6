// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// An `Accept` or `Accept-Encoding` header taken apart (RFC 9110, section 12.4.2).
package struct QualityValues: Sendable {
    package struct Item: Sendable {
        /// The media range or coding, lower case.
        package let value: String

        /// Parameters without `q`; names lower case.
        package let parameters: [String: String]

        /// 0 to 1; 1 when not given, 0 when it cannot be read.
        package let quality: Double
    }
    package let items: [Item]

    package init(_ header: String) {
        items = header.split(separator: ",").compactMap { element in
            let parts = element.split(separator: ";").map { Self.trimmed($0) }
            guard let value = parts.first, !value.isEmpty else { return nil }
            var parameters: [String: String] = [:]
            var quality = 1.0
            for parameter in parts.dropFirst() {
                let sides = parameter.split(separator: "=", maxSplits: 1).map { Self.trimmed($0) }
                guard sides.count == 2 else { continue }
                if sides[0].lowercased() == "q" {
                    quality = Self.quality(sides[1])
                } else {
                    parameters[sides[0].lowercased()] = sides[1].lowercased()
                }
            }
            return Item(value: value.lowercased(), parameters: parameters, quality: quality)
        }
    }

    /// The quality of a coding: its own, or that of `*`; nil when neither is there.
    package func quality(of coding: String) -> Double? {
        (items.first { $0.value == coding } ?? items.first { $0.value == "*" })?.quality
    }

    /// The quality the most specific matching range gives a media type such as `text/html`; nil when none matches.
    package func quality(ofMediaType type: String) -> Double? {
        let major = type.prefix { $0 != "/" } + "/*"
        for range in [type, String(major), "*/*"] {
            if let item = items.first(where: { $0.value == range }) { return item.quality }
        }
        return nil
    }

    /// Digits and a point only: Double's own grammar knows nan, inf and hexadecimal too.
    private static func quality(_ text: String) -> Double {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }) else { return 0 }
        return Double(text).map { min($0, 1) } ?? 0
    }

    private static func trimmed(_ text: Substring) -> String {
        let isNoise = { (character: Character) in character == " " || character == "\t" || character == "\"" }
        var text = text.drop(while: isNoise)
        while let last = text.last, isNoise(last) { text.removeLast() }
        return String(text)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// How names become names of the line protocol: ASCII letters, digits, `_` and `.`.
package enum MetricName {
    package static let runtimePrefix = "runtime.swift.metrics."

    /// `/memory/heap/in-use:bytes` is `runtime.swift.metrics.memory_heap_in_use.bytes`: Datadog's rule for Go's runtime metrics.
    package static func ofRuntimeMetric(_ name: String) -> String {
        let halves = name.split(separator: ":", maxSplits: 1)
        let path = halves.first.map { $0.hasPrefix("/") ? $0.dropFirst() : $0 } ?? ""
        let parts = [path] + halves.dropFirst()
        return runtimePrefix + parts.map { cleaned($0, keepsDots: true) }.joined(separator: ".")
    }

    /// As it is, but for `:`, which ends a name in the line protocol and becomes `.`. No two variables get the same name so,
    /// because none has a `.` in its name.
    static func ofVariable(_ name: String) -> String {
        name.utf8.contains(UInt8(ascii: ":"))
            ? String(decoding: name.utf8.map { $0 == 58 ? 46 : $0 }, as: UTF8.self) : name
    }

    /// A key or label value as a part of a name; an empty one is `_`.
    static func part(_ text: String) -> String {
        text.isEmpty ? "_" : cleaned(text[...], keepsDots: false)
    }

    /// Datadog takes names of up to 200 characters that begin with a letter.
    static func isSendable(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 200 else { return false }
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first | 0x20)
    }

    static func cleaned(_ text: Substring, keepsDots: Bool) -> String {
        String(
            text.unicodeScalars.map { scalar -> Character in
                let isKept =
                    scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_")
                return isKept || (keepsDots && scalar == ".") ? Character(scalar) : "_"
            })
    }
}

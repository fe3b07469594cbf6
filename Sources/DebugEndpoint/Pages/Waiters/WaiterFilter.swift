// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Which threads or tasks a request asks for, and how many it wants listed.
struct WaiterFilter: Sendable {
    /// The word that takes every state, which the page's form sends when none is chosen.
    static let anyState = "any"

    let state: String?
    let id: UInt64?
    let minimumWait: Duration?
    /// At most so many threads or tasks in JSON, groups in text and HTML, lines in a tree; nil for the form's own bound.
    let limit: Int?
    /// The patterns as they were given, for the page's form.
    let patterns: String?
    private let minimumText: String?
    private let isNamed: (@Sendable (String) -> Bool)?

    /// Takes all.
    init() { self.init(Query()) }

    init(_ query: Query) {
        state = query.text("state").flatMap { $0 == Self.anyState ? nil : $0 }
        id = query.integer("id")
        minimumText = query.text("min_seconds")
        minimumWait = query.number("min_seconds").flatMap { $0 > 0 ? .seconds($0) : nil }
        limit = query.integer("limit").flatMap { Int(exactly: $0) }
        patterns = query.text("name")
        isNamed = query.filter("name")
    }

    static func parameters(states: [String]) -> [Parameter] {
        [
            Parameter(name: "state", kind: .choice(states + [anyState])),
            Parameter(name: "name", kind: .textPatterns),
            Parameter(name: "min_seconds", kind: .number(0...1_000_000_000)),
            Parameter(name: "id", kind: .integer(0...UInt64.max)),
            Parameter(name: "limit", kind: .integer(0...100_000)),
            PageFormat.parameter,
        ]
    }

    /// A wait of unknown length is shorter than any that was asked for; no name is an empty name.
    func admits(id: UInt64, name: String?, state: String, waiting: Duration?) -> Bool {
        if let wanted = self.id, wanted != id { return false }
        if let wanted = self.state, wanted != state { return false }
        if let minimumWait {
            guard let waiting, waiting >= minimumWait else { return false }
        }
        return isNamed?(name ?? "") ?? true
    }

    /// Whether anything can be left out by it.
    var admitsAll: Bool { state == nil && id == nil && minimumWait == nil && isNamed == nil }

    /// The number as it was given, for the page's form.
    var minimumSeconds: String { minimumText ?? "0" }

    /// The same question as a query of a link, with `more` in front.
    func query(_ more: [(String, String)] = []) -> String {
        var given = more
        if let state { given.append(("state", state)) }
        if let patterns { given.append(("name", patterns)) }
        if minimumWait != nil { given.append(("min_seconds", minimumSeconds)) }
        if let id { given.append(("id", String(id))) }
        if let limit { given.append(("limit", String(limit))) }
        let pairs = given.map { $0 + "=" + Self.percentEncoded($1) }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }

    private static func percentEncoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { encoded, byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default: encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The Agent's grammar (comp/dogstatsd/server/impl/parse.go), but where the Agent skips, accepts or repairs, this refuses.

/// One DogStatsD line, taken apart.
struct StrictLine: Equatable {
    var name = ""
    var values: [Double] = []
    var type = ""
    var rate: Double?
    var tags: [String] = []
    var container: String?
    var externalData: String?
    var timestamp: Int64?
    var cardinality: String?

    struct Malformed: Error, CustomStringConvertible {
        let description: String
        init(_ reason: String, _ line: some Sequence<UInt8>) {
            description = "\(reason): \(String(decoding: Array(line), as: UTF8.self))"
        }
    }

    /// The lines of one payload: each ends with a line feed, and together they fit into `limit` bytes.
    static func lines(of payload: [UInt8], limit: Int) throws -> [StrictLine] {
        guard payload.count <= limit else { throw Malformed("over \(limit) bytes", payload.prefix(80)) }
        guard payload.last == UInt8(ascii: "\n") else { throw Malformed("no line feed at the end", payload) }
        return try payload.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            try StrictLine($0)
        }
    }

    init(_ bytes: ArraySlice<UInt8>) throws {
        let malformed = { Malformed($0, bytes) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw malformed("no UTF-8") }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw malformed("a control character")
        }
        guard !text.hasPrefix("_e{"), !text.hasPrefix("_sc") else { throw malformed("an event or a service check") }
        var fields = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)[...]
        let nameAndValues = fields.removeFirst().split(separator: ":", omittingEmptySubsequences: false).map(
            String.init)
        guard nameAndValues.count >= 2 else { throw malformed("no value") }
        name = nameAndValues[0]
        guard name.wholeMatch(of: /[a-zA-Z][a-zA-Z0-9_.]*/) != nil, name.utf8.count <= 200 else {
            throw malformed("a name that Datadog does not take")
        }
        for value in nameAndValues.dropFirst() {
            guard value.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?/) != nil, let number = Double(value),
                number.isFinite
            else { throw malformed("\(value) is no number") }
            values.append(number)
        }
        guard let type = fields.popFirst(), ["g", "c", "h", "d", "ms"].contains(type) else {
            throw malformed("no type")
        }
        self.type = type
        var seen: Set<String> = []
        for field in fields {
            let mark = try readField(field, malformed)
            guard seen.insert(mark).inserted else { throw malformed("\(mark) twice") }
        }
        if timestamp != nil, type != "g", type != "c" { throw malformed("a timestamp on neither a gauge nor a count") }
    }

    /// By bytes, as the Agent does: to Swift, a separator with an accent after it is another character.
    private static func split(_ text: String, _ separator: Unicode.Scalar) -> [String] {
        text.utf8.split(separator: UInt8(ascii: separator), omittingEmptySubsequences: false).map {
            String(decoding: Array($0), as: UTF8.self)
        }
    }

    private mutating func readField(_ field: String, _ malformed: (String) -> Malformed) throws -> String {
        let mark = ["card:", "c:", "e:", "#", "@", "T"].first { field.utf8.starts(with: $0.utf8) } ?? ""
        let rest = String(decoding: field.utf8.dropFirst(mark.utf8.count), as: UTF8.self)
        guard !rest.isEmpty else { throw malformed("an empty field") }
        switch mark {
        case "@":
            guard let rate = Double(rest), rate > 0, rate <= 1, rest.allSatisfy({ "0123456789.".contains($0) }) else {
                throw malformed("a sample rate out of range")
            }
            self.rate = rate
        case "#":
            tags = Self.split(rest, ",")
            guard tags.allSatisfy({ !$0.isEmpty && $0.utf8.first != UInt8(ascii: ":") }) else {
                throw malformed("an empty tag")
            }
            guard Set(tags).count == tags.count else { throw malformed("a tag twice") }
        case "c:":
            guard rest.wholeMatch(of: /[0-9a-f]{64}|[0-9a-f]{32}-[0-9]+|[0-9a-f-]{36}|in-[0-9]+/) != nil else {
                throw malformed("no container id")
            }
            container = rest
        case "e:": externalData = rest
        case "T":
            guard let seconds = Int64(rest), seconds >= 1 else { throw malformed("a timestamp before 1970") }
            timestamp = seconds
        case "card:":
            guard ["none", "low", "orchestrator", "high"].contains(rest) else { throw malformed("no cardinality") }
            cardinality = rest
        default: throw malformed("an unknown field")
        }
        return mark
    }
}

extension [StrictLine] {
    /// The lines with this name; with tags, those that carry all of them.
    func named(_ name: String, _ tags: String...) -> [StrictLine] {
        filter { line in line.name == name && tags.allSatisfy(line.tags.contains) }
    }
}

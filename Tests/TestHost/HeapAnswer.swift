// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointClient

/// The JSON of /debug/heap, as far as scenarios look at it: each type and size stands on a line of its own.
struct HeapAnswer {
    struct Row {
        let name: String
        let count: Int
        let bytes: Int
        let countGrowth: Int?
    }
    struct Blocks {
        let size: Int
        let count: Int
        let bytes: Int
    }
    let status: Int
    let text: String
    let id: Int
    let rows: [Row]
    let sizes: [Blocks]
    let kept: [Int]
    let sentence: String

    init(_ client: DebugClient, _ path: String) throws {
        let answer = try client.get(path)
        status = answer.status
        text = answer.text
        let lines = text.split(separator: "\n").map(String.init)
        id = lines.first.flatMap { Self.number("id", in: $0) } ?? 0
        rows = lines.compactMap { line in
            guard line.contains("\"count\": "), let name = Self.string("name", in: line) else { return nil }
            return Row(
                name: name, count: Self.number("count", in: line) ?? -1, bytes: Self.number("bytes", in: line) ?? -1,
                countGrowth: Self.number("count_growth", in: line))
        }
        sizes = lines.compactMap { line in
            guard let size = Self.number("size", in: line), let count = Self.number("count", in: line),
                let bytes = Self.number("bytes", in: line)
            else { return nil }
            return Blocks(size: size, count: count, bytes: bytes)
        }
        let keptLine = lines.first { $0.hasPrefix("\"kept\"") } ?? ""
        kept = keptLine.split(separator: "{").compactMap { Self.number("id", in: String($0)) }
        sentence = lines.first { $0.hasPrefix("\"sentence\"") } ?? ""
    }

    func row(_ name: String) -> Row? { rows.first { $0.name == name } }

    /// The class that has blocks of a usable size.
    func blocks(ofClassOf size: Int) -> Blocks {
        sizes.last { $0.size <= size } ?? Blocks(size: 0, count: 0, bytes: 0)
    }

    /// A figure of `memory`.
    func number(_ name: String) -> Int? {
        text.split(separator: "\n").first { $0.hasPrefix("\"memory\"") }.flatMap { Self.number(name, in: String($0)) }
    }

    /// Whether the classes of memory are all of what is resident.
    var addsUp: Bool {
        let classes = ["live_bytes", "retained_bytes", "stack_bytes", "file_bytes", "other_bytes"]
        let sum = classes.reduce(0) { $0 + (number($1) ?? -1) }
        return sum > 0 && sum == number("resident_bytes")
    }

    /// What an arena retains.
    func arenas(_ name: String) -> Int {
        text.split(separator: "\n").first { $0.hasPrefix("{\"name\": \"\(name)\", \"resident_bytes\"") }
            .flatMap { Self.number("retained_bytes", in: String($0)) } ?? 0
    }

    private static func number(_ name: String, in line: String) -> Int? {
        guard let place = line.firstRange(of: "\"\(name)\": ") else { return nil }
        return Int(line[place.upperBound...].prefix { $0.isNumber || $0 == "-" })
    }

    /// Type names have no quotation marks; what JSON escapes otherwise is undone.
    private static func string(_ name: String, in line: String) -> String? {
        guard let place = line.firstRange(of: "\"\(name)\": \"") else { return nil }
        let text = String(line[place.upperBound...].prefix { $0 != "\"" })
        return text.split(separator: "\\u003c", omittingEmptySubsequences: false).joined(separator: "<")
            .split(separator: "\\u003e", omittingEmptySubsequences: false).joined(separator: ">")
    }
}

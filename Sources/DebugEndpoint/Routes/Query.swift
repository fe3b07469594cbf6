// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables

/// A query parameter that a route takes.
struct Parameter: Sendable {
    enum Kind: Sendable {
        /// Glob patterns over names of variables, separated by commas.
        case patterns
        /// The same over names of threads and tasks, which may have any character.
        case textPatterns
        /// One of these words.
        case choice([String])
        /// Digits.
        case integer(ClosedRange<UInt64>)
        /// `thread-4711`, `task-17` or the number alone.
        case waiter
        /// Digits and at most one point.
        case number(ClosedRange<Double>)
    }
    let name: String
    let kind: Kind

    static let longest = 1000
}

/// The parameters of one request, checked: each known, given once and within its bounds.
struct Query: Sendable {
    private var patterns: [String: [GlobPattern]] = [:]
    private var integers: [String: UInt64] = [:]
    private var numbers: [String: Double] = [:]
    private var texts: [String: String] = [:]

    /// No parameter.
    init() {}

    init(_ given: [(name: String, value: String)], for route: Route) throws(Problem) {
        try self.init(given, parameters: route.parameters, path: route.path)
    }

    init(_ given: [(name: String, value: String)], parameters: [Parameter], path: String) throws(Problem) {
        for (name, value) in given {
            guard let parameter = parameters.first(where: { $0.name == name }) else {
                let known = parameters.map(\.name).joined(separator: ", ")
                throw Problem(
                    status: 400,
                    sentence: "a query parameter is unknown to \(path), which takes \(known.isEmpty ? "none" : known)")
            }
            guard texts.updateValue(value, forKey: name) == nil else {
                throw Problem(status: 400, sentence: "\(name) is given more than once: give it once")
            }
            switch parameter.kind {
            case .patterns: patterns[name] = try Self.parsePatterns(name, value, .variableNames)
            case .textPatterns: patterns[name] = try Self.parsePatterns(name, value, .anyText)
            case .choice(let words): try Self.check(name, value, isOneOf: words)
            case .integer(let range): integers[name] = try Self.parseInteger(name, value, range)
            case .waiter: try Self.checkWaiter(name, value)
            case .number(let range): numbers[name] = try Self.parseNumber(name, value, range)
            }
        }
    }

    /// Whether one of the parameter's patterns matches a text; nil when the parameter was not given.
    func filter(_ name: String) -> (@Sendable (String) -> Bool)? {
        guard let patterns = patterns[name] else { return nil }
        return { text in patterns.contains { $0.matches(text) } }
    }

    /// The value as it was given and decoded; nil when the parameter was not given.
    func text(_ name: String) -> String? { texts[name] }

    func integer(_ name: String) -> UInt64? { integers[name] }

    func number(_ name: String) -> Double? { numbers[name] }

    private static func parsePatterns(
        _ name: String, _ value: String, _ alphabet: GlobPattern.Alphabet
    ) throws(Problem) -> [GlobPattern] {
        let parts = value.split(separator: ",", omittingEmptySubsequences: false)
        let patterns = parts.compactMap { GlobPattern(String($0), over: alphabet) }
        guard value.utf8.count <= Parameter.longest, patterns.count == parts.count else {
            throw Problem(
                status: 400,
                sentence: "\(name) is not a list of patterns: give names with *, ? or [a-z], separated by commas, "
                    + "\(Parameter.longest) characters at most")
        }
        return patterns
    }

    private static func check(_ name: String, _ value: String, isOneOf words: [String]) throws(Problem) {
        guard !words.contains(value) else { return }
        let list = words.dropLast().joined(separator: ", ") + (words.count > 1 ? " or " : "") + (words.last ?? "")
        throw Problem(status: 400, sentence: "\(name) has a value that it does not take: give \(list)")
    }

    private static func checkWaiter(_ name: String, _ value: String) throws(Problem) {
        guard WaiterID(value) == nil else { return }
        throw Problem(
            status: 400,
            sentence: "\(name) names no thread and no task: give thread-4711, task-17 or the number alone")
    }

    private static func parseInteger(
        _ name: String, _ value: String, _ range: ClosedRange<UInt64>
    ) throws(Problem) -> UInt64 {
        guard value.utf8.allSatisfy(isDigit), let number = UInt64(value), range.contains(number) else {
            throw Problem(
                status: 400,
                sentence: "\(name) is no whole number in its range: give \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Digits and a point only: Double's own grammar knows nan, inf, signs, exponents and hexadecimal too.
    private static func parseNumber(
        _ name: String, _ value: String, _ range: ClosedRange<Double>
    ) throws(Problem) -> Double {
        let isPlain =
            value.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") } && value.utf8.contains(where: isDigit)
        guard isPlain, value.utf8.count <= 40, let number = Double(value), range.contains(number) else {
            throw Problem(
                status: 400,
                sentence:
                    "\(name) is no number in its range: give \(shown(range.lowerBound)) to \(shown(range.upperBound)), "
                    + "with a point before decimals")
        }
        return number
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func shown(_ bound: Double) -> String {
        Int(exactly: bound).map(String.init) ?? String(bound)
    }
}

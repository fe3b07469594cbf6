// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A value as JSON has it: what a computed variable returns.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int)
    /// NaN and the infinities, which JSON cannot carry, are written as `null` and named in the problems.
    case double(Double)
    case string(String)
    case array([JSONValue])
    /// Written with its keys in byte order.
    case object([String: JSONValue])
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// A key that is written twice keeps its last value.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { $1 })
    }
}

extension JSONValue {
    /// Deeper values are not shown: writing recurses, and a thread's stack ends.
    static let deepest = 200

    func isNested(deeperThan depth: Int) -> Bool {
        switch self {
        case .array(let elements): depth == 0 || elements.contains { $0.isNested(deeperThan: depth - 1) }
        case .object(let members): depth == 0 || members.values.contains { $0.isNested(deeperThan: depth - 1) }
        case .null, .bool, .int, .double, .string: false
        }
    }

    /// Takes a deep value apart level by level, because freeing it as it is would recurse as deep as it is.
    mutating func dismantle() {
        var rest = [self]
        self = .null
        while let value = rest.popLast() {
            switch value {
            case .array(let elements): rest += elements
            case .object(let members): rest += members.values
            case .null, .bool, .int, .double, .string: break
            }
        }
    }

    var numbersThatAreNotFinite: Int {
        switch self {
        case .double(let number): number.isFinite ? 0 : 1
        case .array(let elements): elements.reduce(0) { $0 + $1.numbersThatAreNotFinite }
        case .object(let members): members.values.reduce(0) { $0 + $1.numbersThatAreNotFinite }
        case .null, .bool, .int, .string: 0
        }
    }
}

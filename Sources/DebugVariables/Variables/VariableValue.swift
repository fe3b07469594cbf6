// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// One reading of a variable.
public enum VariableValue: Sendable, Equatable {
    case counter(UInt64)
    case gauge(Double)
    case histogram(HistogramSnapshot)
    case text(String)
    case computed(JSONValue)

    /// A computed variable whose closure threw: the sentence that says so.
    case failed(String)

    /// Label names, and one member for each set of label values, in byte order of the values.
    case family(labels: [String], members: [FamilyMember])
}

/// One member of a family: the values of its labels, in the order of the label names, and its reading.
public struct FamilyMember: Sendable, Equatable {
    public let labels: [String]
    public let value: VariableValue
}

/// One consistent reading of a histogram.
public struct HistogramSnapshot: Sendable, Equatable {
    /// Upper bounds, inclusive, ascending; the last bucket, up to infinity, has none.
    public let bounds: [Double]

    /// Values for each bucket, not cumulative; one more than there are bounds.
    public let buckets: [UInt64]

    /// The sum of all values counted in `buckets`.
    public let sum: Double

    /// For each bucket the last exemplar given for it; empty when none ever was.
    public let exemplars: [Int: Exemplar]

    /// How many values were recorded: the sum of `buckets`.
    public var count: UInt64 { buckets.reduce(0, &+) }
}

/// One recorded value with labels that lead to its cause, such as a trace id.
public struct Exemplar: Sendable, Equatable {
    public let labels: [String: String]
    public let value: Double
}

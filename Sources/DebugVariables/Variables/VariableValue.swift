// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// One reading of a variable.
public enum VariableValue: Sendable, Equatable {
    case counter(UInt64)
    case gauge(Double)
    indirect case histogram(HistogramSnapshot)
    case text(String)
    case computed(JSONValue)

    /// A computed variable whose closure threw: the sentence that says so.
    case failed(String)

    /// The members of a family.
    indirect case family(FamilySnapshot)

    /// What keeps the value from being shown as it was meant, in a sentence; nil when nothing does.
    var problem: String? {
        if case .failed(let sentence) = self { return sentence }
        let count = numbersThatJSONCannotCarry
        return count == 0
            ? nil : "\(count == 1 ? "a number" : "\(count) numbers") that JSON cannot carry, written as null"
    }

    private var numbersThatJSONCannotCarry: Int {
        switch self {
        case .counter, .text, .failed: 0
        case .gauge(let number): number.isFinite ? 0 : 1
        case .histogram(let histogram): histogram.sum.isFinite ? 0 : 1
        case .computed(let json): json.numbersThatAreNotFinite
        case .family(let family): family.values.reduce(0) { $0 + $1.numbersThatJSONCannotCarry }
        }
    }
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

    init(bounds: [Double], buckets: [UInt64], sum: Double, exemplars: [Int: Exemplar]) {
        self.bounds = bounds
        self.buckets = buckets
        self.sum = sum
        self.exemplars = exemplars
    }

    package init(bounds: [Double], buckets: [UInt64], sum: Double) {
        self.init(bounds: bounds, buckets: buckets, sum: sum, exemplars: [:])
    }

    /// How many values were recorded: the sum of `buckets`.
    public var count: UInt64 { buckets.reduce(0, &+) }
}

/// One recorded value with labels that lead to its cause, such as a trace id.
public struct Exemplar: Sendable, Equatable {
    public let labels: [String: String]
    public let value: Double
}

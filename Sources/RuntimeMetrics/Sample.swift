// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension RuntimeMetrics {
    /// A metric's name and, once read, its value.
    public struct Sample: Sendable, Equatable {
        public let name: String
        /// ``Value/absent`` before the first reading; ``Value/unknown`` for a name that is not in ``RuntimeMetrics/all``.
        public package(set) var value: Value
        /// The row of the table; nil for an unknown name.
        package let row: Int?

        /// Looks the name up, so that reading need not.
        public init(_ name: String) {
            self.name = name
            row = MetricTable.indexes[name]
            value = row == nil ? .unknown : .absent
        }
    }

    /// What was read.
    public enum Value: Sendable, Equatable {
        case uint64(UInt64)
        /// Never NaN and never infinite.
        case double(Double)
        case histogram(Histogram)
        /// This process, system or configuration has no such figure now. It is not 0.
        case absent
        /// There is no metric of that name.
        case unknown
    }

    /// How often values fell between bounds.
    public struct Histogram: Sendable, Equatable {
        /// Upper bounds, inclusive, ascending, finite; the same for the whole process.
        public package(set) var bounds: [Double]
        /// One more than there are bounds; the last is of values above all of them.
        public package(set) var counts: [UInt64]
        /// Of all values.
        public package(set) var sum: Double

        package init(bounds: [Double], counts: [UInt64], sum: Double) {
            self.bounds = bounds
            self.counts = counts
            self.sum = sum
        }
    }
}

extension RuntimeMetrics.Value {
    /// The number, whichever kind it has; nil for histograms and where there is none.
    public var number: Double? {
        switch self {
        case .uint64(let count): Double(count)
        case .double(let number): number
        case .histogram, .absent, .unknown: nil
        }
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension RuntimeMetrics {
    /// What a metric is.
    public struct Description: Sendable, Hashable {
        /// Such as `/memory/heap/in-use:bytes`: lower case and hyphens, the unit behind the colon.
        public let name: String
        /// One sentence.
        public let description: String
        public let kind: Kind
        /// Whether the value counts from some beginning on, usually the process's, and never shrinks, so that its rate is of use.
        public let isCumulative: Bool
        public let basis: Basis
        /// The name in `/metrics` and under `runtime` in `/debug/vars`: made from `name`, or the standard one of Prometheus's
        /// client libraries where there is one.
        public let prometheusName: String

        /// The part of `name` behind the colon.
        public var unit: Substring { name[name.index(after: name.lastIndex(of: ":") ?? name.startIndex)...] }
    }

    /// The type of a metric's values.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case uint64, double, histogram
    }

    /// How much a value can be relied on.
    public enum Basis: String, Sendable, Hashable, CaseIterable {
        /// As the kernel, the allocator or the allocation tap counts it.
        case exact
        /// There may be more: something was not seen.
        case lowerBound = "lower_bound"
        /// Of single looks: what is between them is not seen.
        case sampled
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// One runtime metric as the reporter needs it.
package struct RuntimeReading: Sendable, Equatable {
    package enum Value: Sendable, Equatable {
        case whole(UInt64)
        case decimal(Double)
        /// Upper bounds, inclusive, and one more count than there are bounds.
        case histogram(bounds: [Double], counts: [UInt64], sum: Double)
    }
    /// `/path:unit`.
    package let name: String
    package let value: Value
    package let isCumulative: Bool

    package init(name: String, value: Value, isCumulative: Bool) {
        self.name = name
        self.value = value
        self.isCumulative = isCumulative
    }
}

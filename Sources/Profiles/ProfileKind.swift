// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What a number counts and in which unit, such as `cpu` in `nanoseconds`. The unit of a count is `count`.
package struct ValueType: Hashable, Sendable {
    package var type: String
    package var unit: String

    package init(_ type: String, _ unit: String) {
        self.type = type
        self.unit = unit
    }
}

/// What each sample of a profile says, and how often one was taken.
package struct ProfileKind: Hashable, Sendable {
    /// One for each value of a sample. Readers that show only one show the last, unless `defaultSampleType` names another.
    package var sampleTypes: [ValueType]
    package var defaultSampleType: String?
    package var periodType: ValueType?
    /// How much of `periodType` lies between two samples; 1 where every event is a sample.
    package var period: Int64

    package init(
        sampleTypes: [ValueType], defaultSampleType: String? = nil, periodType: ValueType? = nil, period: Int64 = 0
    ) {
        self.sampleTypes = sampleTypes
        self.defaultSampleType = defaultSampleType
        self.periodType = periodType
        self.period = period
    }

    /// As Go's CPU profile: number of samples, and the processor time they stand for. `hertz` below 1 counts as 1.
    package static func cpu(hertz: Int) -> ProfileKind {
        ProfileKind(
            sampleTypes: [ValueType("samples", "count"), ValueType("cpu", "nanoseconds")],
            periodType: ValueType("cpu", "nanoseconds"), period: 1_000_000_000 / Int64(max(1, hertz)))
    }

    /// As Go's goroutine profile: how many of `name` have this stack.
    package static func count(of name: String) -> ProfileKind {
        let type = ValueType(name, "count")
        return ProfileKind(sampleTypes: [type], periodType: type, period: 1)
    }
}

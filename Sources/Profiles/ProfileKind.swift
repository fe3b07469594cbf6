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

    /// As Go's heap profile: what was allocated since the process began, and what of it is in use. `rate` is how many bytes
    /// lie between two samples; the values are of all allocations all the same.
    package static func heap(rate: Int, defaultSampleType: String) -> ProfileKind {
        ProfileKind(
            sampleTypes: heapTypes, defaultSampleType: defaultSampleType, periodType: ValueType("space", "bytes"),
            period: Int64(rate))
    }

    /// The same and then, under other names, the samples alone, for ``Profile/heapText(figures:)``.
    package static func sampledHeap(rate: Int) -> ProfileKind {
        let sampled = heapTypes.map { ValueType("sampled_" + $0.type, $0.unit) }
        return ProfileKind(
            sampleTypes: heapTypes + sampled, defaultSampleType: "inuse_space",
            periodType: ValueType("space", "bytes"), period: Int64(rate))
    }

    private static let heapTypes = [
        ValueType("alloc_objects", "count"), ValueType("alloc_space", "bytes"), ValueType("inuse_objects", "count"),
        ValueType("inuse_space", "bytes"),
    ]
}

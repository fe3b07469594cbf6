// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Sources: the kernel's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1.

/// What the control groups of this process allow, and what they have used.
struct CgroupFigures {
    var processorLimit: Double?
    var cpuSeconds: Double?
    var periods: UInt64?
    var throttledPeriods: UInt64?
    var throttledSeconds: Double?
    var memoryUsed: UInt64?
    var memoryPeak: UInt64?
    var memoryLimit: UInt64?
    var memoryHigh: UInt64?
    var swapped: UInt64?
    var highEvents: UInt64?
    var maxEvents: UInt64?
    var oomEvents: UInt64?
    var oomKills: UInt64?
    var threads: UInt64?
    var threadLimit: UInt64?

    init(_ files: SystemFiles, _ places: CgroupPlaces) {
        processorLimit = Self.processorLimit(files, places)
        if let group = places.cpu?.own { addThrottling(files, group) }
        if let group = places.cpuAccounting?.own { addUsage(files, group) }
        if let chain = places.memory { addMemory(files, chain) }
        if let chain = places.threads {
            threads = chain.own.flatMap { files.read(in: $0, "pids.current") { $0.number } }
            threadLimit = chain.least { files.read(in: $0, "pids.max") { $0.number } }
        }
    }

    /// Also what a group further up allows: its quota is for all that is below.
    static func processorLimit(_ files: SystemFiles, _ places: CgroupPlaces) -> Double? {
        places.cpu?.least { group in
            let bounds: (quota: UInt64, period: UInt64)?
            if group.isUnified {
                // `50000 100000`, or `max 100000`.
                bounds = files.read(in: group, "cpu.max") { text in
                    var words = Text.Words(text.bytes)
                    guard let quota = words.next()?.number, let period = words.next()?.number else { return nil }
                    return (quota, period)
                }
            } else {
                // -1 is no quota, and no number here.
                let quota = files.read(in: group, "cpu.cfs_quota_us") { $0.number }
                let period = files.read(in: group, "cpu.cfs_period_us") { $0.number }
                bounds = quota.flatMap { quota in period.map { (quota, $0) } }
            }
            guard let bounds, bounds.period > 0 else { return nil }
            return Double(bounds.quota) / Double(bounds.period)
        }
    }

    private mutating func addThrottling(_ files: SystemFiles, _ group: CgroupFolder) {
        files.read(in: group, "cpu.stat") { text in
            periods = text.number(after: "nr_periods ")
            throttledPeriods = text.number(after: "nr_throttled ")
            throttledSeconds =
                group.isUnified
                ? text.number(after: "throttled_usec ").map { Double($0) / 1e6 }
                : text.number(after: "throttled_time ").map { Double($0) / 1e9 }
        }
    }

    private mutating func addUsage(_ files: SystemFiles, _ group: CgroupFolder) {
        cpuSeconds =
            group.isUnified
            ? files.read(in: group, "cpu.stat") { $0.number(after: "usage_usec ") }.map { Double($0) / 1e6 }
            : files.read(in: group, "cpuacct.usage") { $0.number }.map { Double($0) / 1e9 }
    }

    private mutating func addMemory(_ files: SystemFiles, _ chain: CgroupChain) {
        guard let group = chain.own else { return }
        func number(_ name: StaticString) -> UInt64? { files.read(in: group, name) { $0.number } }
        if group.isUnified {
            memoryUsed = number("memory.current")
            memoryPeak = number("memory.peak")
            memoryLimit = chain.least { files.read(in: $0, "memory.max") { $0.number } }
            memoryHigh = chain.least { files.read(in: $0, "memory.high") { $0.number } }
            swapped = number("memory.swap.current")
            files.read(in: group, "memory.events") { text in
                highEvents = text.number(after: "high ")
                maxEvents = text.number(after: "max ")
                oomEvents = text.number(after: "oom ")
                oomKills = text.number(after: "oom_kill ")
            }
        } else {
            memoryUsed = number("memory.usage_in_bytes")
            memoryPeak = number("memory.max_usage_in_bytes")
            // No limit is the largest multiple of a page that a signed word holds.
            memoryLimit = chain.least {
                files.read(in: $0, "memory.limit_in_bytes") { $0.number }.flatMap { $0 < 1 << 62 ? $0 : nil }
            }
            swapped = files.read(in: group, "memory.stat") { $0.number(after: "swap ") }
            maxEvents = number("memory.failcnt")
            oomKills = files.read(in: group, "memory.oom_control") { $0.number(after: "oom_kill ") }
        }
    }
}

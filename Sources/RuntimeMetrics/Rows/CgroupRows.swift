// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension MetricTable {
    static let cgroupRows = [
        MetricRow(
            "/cgroup/cpu/limit:processors",
            "CPU quota: the least of this control group's and those above it; absent when there is none.", .cgroup,
            .number { $0.cgroup?.processorLimit }),
        MetricRow(
            "/cgroup/cpu/usage:cpu-seconds", "CPU time of all processes in the control group.", .cgroup,
            .number { $0.cgroup?.cpuSeconds }, cumulative: true),
        MetricRow(
            "/cgroup/cpu/periods:periods", "Periods of the CPU quota in which the control group ran.", .cgroup,
            .count { $0.cgroup?.periods }, cumulative: true),
        MetricRow(
            "/cgroup/cpu/throttled:periods", "Periods in which the CPU quota was used up.", .cgroup,
            .count { $0.cgroup?.throttledPeriods }, cumulative: true),
        MetricRow(
            "/cgroup/cpu/throttled:seconds", "Time for which the CPU quota kept the control group's threads off.",
            .cgroup, .number { $0.cgroup?.throttledSeconds }, cumulative: true),
        MetricRow(
            "/cgroup/memory/used:bytes", "Memory of all processes in the control group, page cache included.", .cgroup,
            .count { $0.cgroup?.memoryUsed }),
        MetricRow(
            "/cgroup/memory/peak:bytes", "The most memory that the control group ever used.", .cgroup,
            .count { $0.cgroup?.memoryPeak }),
        MetricRow(
            "/cgroup/memory/limit:bytes",
            "Memory limit: the least of this control group's and those above it; absent when there is none.", .cgroup,
            .count { $0.cgroup?.memoryLimit }),
        MetricRow(
            "/cgroup/memory/high:bytes",
            "Memory above which the control group is slowed down; absent when there is no such bound.", .cgroup,
            .count { $0.cgroup?.memoryHigh }),
        MetricRow(
            "/cgroup/memory/swapped:bytes", "Memory of the control group in swap.", .cgroup,
            .count { $0.cgroup?.swapped }),
        MetricRow(
            "/cgroup/memory/high:events", "Times that the control group was slowed down for its memory.", .cgroup,
            .count { $0.cgroup?.highEvents }, cumulative: true),
        MetricRow(
            "/cgroup/memory/max:events", "Times that the control group was about to exceed its memory limit.", .cgroup,
            .count { $0.cgroup?.maxEvents }, cumulative: true),
        MetricRow(
            "/cgroup/memory/oom:events", "Times that an allocation was about to fail at the memory limit.", .cgroup,
            .count { $0.cgroup?.oomEvents }, cumulative: true),
        MetricRow(
            "/cgroup/memory/oom-kill:events", "Processes of the control group that the kernel killed for memory.",
            .cgroup, .count { $0.cgroup?.oomKills }, cumulative: true),
        MetricRow(
            "/cgroup/threads/current:threads", "Threads of all processes in the control group.", .cgroup,
            .count { $0.cgroup?.threads }),
        MetricRow(
            "/cgroup/threads/limit:threads",
            "Limit of threads: the least of this control group's and those above it; absent when there is none.",
            .cgroup, .count { $0.cgroup?.threadLimit }),
    ]
}

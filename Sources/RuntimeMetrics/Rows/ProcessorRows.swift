// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension MetricTable {
    static let processorRows = [
        MetricRow(
            "/cpu/total:cpu-seconds", "User and system CPU time of this process.", .processorTime,
            .number { $0.processorSeconds }, cumulative: true, prometheus: "process_cpu_seconds_total"),
        MetricRow(
            "/cpu/user:cpu-seconds", "CPU time of this process in its own code.", .usage,
            .number { $0.usage?.userSeconds }, cumulative: true),
        MetricRow(
            "/cpu/system:cpu-seconds", "CPU time of this process in the kernel.", .usage,
            .number { $0.usage?.systemSeconds }, cumulative: true),
        MetricRow(
            "/cpu/limit:processors",
            "Processors that this process may use: its affinity, or the quota of its control groups where that is less.",
            .processors, .number { $0.processorLimit }),
    ]
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension MetricTable {
    static let processRows = [
        MetricRow(
            "/process/start-time:seconds", "Start of this process, since the epoch.", .process,
            .number { $0.process?.startSeconds }, prometheus: "process_start_time_seconds"),
        MetricRow(
            "/process/uptime:seconds", "Time since the start of this process, by a clock that is never set.", .process,
            .number { $0.process?.uptimeSeconds }),
    ]
}

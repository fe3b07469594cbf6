// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension MetricTable {
    /// Absent until the first leak scan.
    static let leakRows = [
        MetricRow(
            "/leaks/leaked:waiters", "Threads and tasks that the last leak scan found blocked for ever.", .leaks,
            .count { $0.leaks?.leaked }, basis: .lowerBound),
        MetricRow(
            "/leaks/unknown:waiters", "Threads and tasks that the last leak scan could not judge.", .leaks,
            .count { $0.leaks?.unknown }),
        MetricRow(
            "/leaks/examined:waiters", "Threads and tasks that waited at the last leak scan.", .leaks,
            .count { $0.leaks?.examined }),
        MetricRow(
            "/leaks/scans:scans", "Leak scans so far.", .leaks, .count { $0.leaks?.scans }, cumulative: true),
        MetricRow(
            "/leaks/scanned:bytes", "Memory that leak scans have read so far.", .leaks,
            .count { $0.leaks?.scannedBytes }, cumulative: true),
        MetricRow(
            "/leaks/pause:seconds", "Longest time that the last leak scan held up a thread.", .leaks,
            .number { $0.leaks?.pauseSeconds }),
        MetricRow(
            "/leaks/scanning:seconds", "Time that leak scans have taken so far.", .leaks,
            .number { $0.leaks?.scanSeconds }, cumulative: true),
    ]
}

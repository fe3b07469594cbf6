// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension MetricTable {
    static let pressureRows = [
        MetricRow(
            "/system/pressure/cpu/some:seconds", "Time in which some thread of the machine waited for a processor.",
            .pressure, .number { $0.pressure?.cpuSome }, cumulative: true),
        MetricRow(
            "/system/pressure/memory/some:seconds", "Time in which some thread of the machine waited for memory.",
            .pressure, .number { $0.pressure?.memorySome }, cumulative: true),
        MetricRow(
            "/system/pressure/memory/full:seconds", "Time in which all threads with work waited for memory.",
            .pressure, .number { $0.pressure?.memoryFull }, cumulative: true),
        MetricRow(
            "/system/pressure/io/some:seconds", "Time in which some thread of the machine waited for storage.",
            .pressure, .number { $0.pressure?.ioSome }, cumulative: true),
        MetricRow(
            "/system/pressure/io/full:seconds", "Time in which all threads with work waited for storage.", .pressure,
            .number { $0.pressure?.ioFull }, cumulative: true),
        MetricRow(
            "/cgroup/pressure/cpu/some:seconds",
            "Time in which some thread of the control group waited for a processor.", .cgroupPressure,
            .number { $0.cgroupPressure?.cpuSome }, cumulative: true),
        MetricRow(
            "/cgroup/pressure/cpu/full:seconds",
            "Time in which all threads of the control group with work waited for a processor.", .cgroupPressure,
            .number { $0.cgroupPressure?.cpuFull }, cumulative: true),
        MetricRow(
            "/cgroup/pressure/memory/some:seconds",
            "Time in which some thread of the control group waited for memory.", .cgroupPressure,
            .number { $0.cgroupPressure?.memorySome }, cumulative: true),
        MetricRow(
            "/cgroup/pressure/memory/full:seconds",
            "Time in which all threads of the control group with work waited for memory.", .cgroupPressure,
            .number { $0.cgroupPressure?.memoryFull }, cumulative: true),
        MetricRow(
            "/cgroup/pressure/io/some:seconds", "Time in which some thread of the control group waited for storage.",
            .cgroupPressure, .number { $0.cgroupPressure?.ioSome }, cumulative: true),
        MetricRow(
            "/cgroup/pressure/io/full:seconds",
            "Time in which all threads of the control group with work waited for storage.", .cgroupPressure,
            .number { $0.cgroupPressure?.ioFull }, cumulative: true),
    ]
}

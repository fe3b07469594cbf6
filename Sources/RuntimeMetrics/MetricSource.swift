// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What is read at once: a file, a system call, a count.
package enum MetricSource: Int, Sendable, CaseIterable {
    case processorTime, usage, threadCount, threads, processors, idleProcessors, tasks, probe
    case statm, status, rollup, allocator, allocations, memoryClasses
    case descriptors, limits, io, network, process, cgroup, cgroupPressure, pressure, leaks
}

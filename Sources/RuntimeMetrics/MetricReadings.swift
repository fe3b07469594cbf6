// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What was read for one request, by source. Nil is what was not asked for or is not there.
package struct MetricReadings {
    var processorSeconds: Double?
    var usage: UsageFigures?
    var threadCount: UInt64?
    var threads: ThreadFigures?
    var processorLimit: Double?
    var tasks: TaskCounts?
    var probe: PendingJobs?
    var statm: MemorySizes?
    var status: StatusFigures?
    var rollup: RollupFigures?
    var allocator: AllocatorFigures?
    var allocations: AllocationCounts?
    var memoryClasses: MemoryFigures?
    var openDescriptors: UInt64?
    var limits: LimitFigures?
    var io: InputOutputFigures?
    var network: NetworkFigures?
    var process: ProcessStart?
    var cgroup: CgroupFigures?
    var cgroupPressure: PressureFigures?
    var pressure: PressureFigures?
    var leaks: LeakFigures?

    var idleProcessors: Double? {
        guard let processorLimit, let threads else { return nil }
        return max(0, processorLimit - Double(threads.running))
    }
}

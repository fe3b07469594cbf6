// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Reads metrics. Safe from any thread; those who read at the same time wait for each other, some microseconds.
package final class MetricReader: Sendable {
    private let feeds: MetricFeeds
    private let probe: SchedulingProbe
    private let state: Mutex<State>
    // glibc's allocator makes who asks wait for threads that hold its locks, the others are much work.
    private let allocator = CostlyReading { AllocatorFigures.read() }
    private let memoryClasses: CostlyReading<MemoryFigures?>
    private let tasks: CostlyReading<TaskCounts?>
    private let rollup: CostlyReading<RollupFigures?>

    /// - Parameters:
    ///   - root: a folder with files made up for a test; empty for the system's own.
    ///   - threadsFactor: for how many times its cost a reading of the threads is kept. Two files a thread: for 50 threads half a
    ///     millisecond, kept for 10.
    package init(
        feeds: MetricFeeds = MetricFeeds(), probe: SchedulingProbe = .shared, root: String = "", threadsFactor: Int = 20
    ) {
        self.feeds = feeds
        self.probe = probe
        state = Mutex(State(root: root, threadsFactor: threadsFactor))
        memoryClasses = CostlyReading(factor: 200, least: .milliseconds(250), feeds.memoryClasses)
        tasks = CostlyReading(factor: 10_000, least: .seconds(1), feeds.tasks)
        let files = Mutex(SystemFiles(root: root))
        // While the kernel counts, who maps memory may wait: rarely, then.
        rollup = CostlyReading(factor: 1000, least: .milliseconds(250)) { files.withLock { RollupFigures.read($0) } }
    }

    /// Reads each sample anew, in its own storage.
    package func read(into samples: inout [RuntimeMetrics.Sample]) {
        var wanted = SourceSet()
        for index in 0..<samples.count {
            if let row = samples[index].row { wanted.insert(MetricTable.rows[row].source) }
        }
        guard !wanted.isEmpty else { return }
        var readings = MetricReadings()
        readShared(wanted, &readings)
        state.withLock { $0.read(wanted, &readings) }
        for index in 0..<samples.count {
            guard let row = samples[index].row else { continue }
            switch MetricTable.rows[row].value {
            case .count(let figure):
                if let count = figure(readings) {
                    samples[index].value = .uint64(count)
                } else {
                    samples[index].value = .absent
                }
            case .number(let figure):
                if let number = figure(readings), number.isFinite {
                    samples[index].value = .double(number)
                } else {
                    samples[index].value = .absent
                }
            case .histogram(let queue): probe.read(queue, into: &samples[index].value)
            }
        }
    }

    /// What others read, or one reading serves all.
    private func readShared(_ wanted: SourceSet, _ readings: inout MetricReadings) {
        if wanted.contains(.processorTime) { readings.processorSeconds = UsageFigures.processorSeconds() }
        if wanted.contains(.usage) { readings.usage = UsageFigures() }
        if wanted.contains(.limits) { readings.limits = LimitFigures() }
        if wanted.contains(.allocations) { readings.allocations = feeds.allocations() }
        if wanted.contains(.leaks) { readings.leaks = feeds.leaks() }
        if wanted.contains(.probe) { readings.probe = probe.pending }
        if wanted.contains(.allocator) { readings.allocator = allocator.current }
        if wanted.contains(.memoryClasses) { readings.memoryClasses = memoryClasses.current }
        if wanted.contains(.tasks) { readings.tasks = tasks.current }
        if wanted.contains(.rollup) { readings.rollup = rollup.current }
    }

    /// What is read from files, and what must be remembered from one reading to the next.
    private struct State: ~Copyable {
        let files: SystemFiles
        var tally = ThreadTally()
        var threads: Kept<ThreadFigures?>
        var cgroups = CgroupWatch()
        var start: ProcessStart?

        init(root: String, threadsFactor: Int) {
            files = SystemFiles(root: root)
            threads = Kept(factor: threadsFactor, least: .zero)
        }

        mutating func read(_ wanted: SourceSet, _ readings: inout MetricReadings) {
            if wanted.contains(.threadCount) { readings.threadCount = ThreadTally.count(files).map { UInt64($0) } }
            if wanted.contains(.threads) || wanted.contains(.idleProcessors) {
                readings.threads = threads.current { tally.read(files) }
            }
            if wanted.contains(.statm) { readings.statm = MemorySizes(files) }
            let wantsLimit = wanted.contains(.processors) || wanted.contains(.idleProcessors)
            if wantsLimit || wanted.contains(.status) { readings.status = StatusFigures(files) }
            if wanted.contains(.io) { readings.io = InputOutputFigures.read(files) }
            if wanted.contains(.network) { readings.network = NetworkFigures.read(files) }
            if wanted.contains(.pressure) { readings.pressure = PressureFigures(files) }
            if wanted.contains(.descriptors) { readings.openDescriptors = openDescriptors() }
            if wanted.contains(.process) {
                if start == nil { start = ProcessStart(files) }
                readings.process = start
            }
            if wantsLimit || wanted.contains(.cgroup) || wanted.contains(.cgroupPressure) { cgroups.look(files) }
            guard let places = cgroups.places else {
                if wantsLimit { readings.processorLimit = readings.status?.allowedProcessors.map { Double($0) } }
                return
            }
            if wanted.contains(.cgroup) { readings.cgroup = CgroupFigures(files, places) }
            if wanted.contains(.cgroupPressure), let group = places.unified?.own {
                readings.cgroupPressure = PressureFigures(files, group)
            }
            if wantsLimit {
                let allowed = readings.status?.allowedProcessors.map { Double($0) }
                let quota = CgroupFigures.processorLimit(files, places)
                readings.processorLimit = allowed.map { min($0, quota ?? $0) } ?? quota
            }
        }

        private func openDescriptors() -> UInt64? {
            // Since Linux 6.2 the folder's size is the number of its entries; before, it is 0.
            if let size = files.information("/proc/self/fd")?.st_size, size > 0 { return UInt64(size) }
            var count: UInt64 = 0
            let isWhole = files.visitNumbers("/proc/self/fd") { _, _ in count += 1 }
            // One of them is the descriptor that reads them.
            return isWhole && count > 0 ? count - 1 : nil
        }
    }
}

/// Which sources are asked for.
private struct SourceSet {
    private var bits: UInt64 = 0

    var isEmpty: Bool { bits == 0 }

    mutating func insert(_ source: MetricSource) { bits |= 1 << UInt64(source.rawValue) }

    func contains(_ source: MetricSource) -> Bool { bits >> UInt64(source.rawValue) & 1 == 1 }
}

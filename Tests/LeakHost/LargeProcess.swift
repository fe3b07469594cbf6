// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import Dispatch
import Glibc
import Synchronization

/// Measures scans of a large process: so many MiB of objects that refer to each other, waiting threads and waiting tasks, all
/// of them reachable, one thread that notes how long it was held up, and, with churn, two that replace objects all the time.
enum LargeProcess {
    final class Node {
        var left: Node?
        var right: Node?
        var payload: (UInt, UInt, UInt) = (1, 2, 3)
    }

    nonisolated(unsafe) private static var heap: [[Node]] = []  // Safe: each array is changed by one thread.
    nonisolated(unsafe) private static var semaphores: [DispatchSemaphore] = []
    private static let continuations = Mutex<[CheckedContinuation<Void, Never>]>([])
    private static let longestGap = Atomic<UInt64>(0)
    private static let started = Atomic(0)

    static func run(mebibytes: Int, threads: Int, tasks: Int, churn: Bool) throws {
        // 80 bytes with malloc's own 16.
        let count = mebibytes * (1 << 20) / 80
        let parts = 64
        heap = Array(repeating: [], count: parts)
        for part in 0..<parts {
            heap[part].reserveCapacity(count / parts)
            for index in 0..<count / parts {
                let node = Node()
                if index > 0 {
                    node.left = heap[part][index / 2]
                    node.right = heap[part][index * 7 / 11]
                }
                heap[part].append(node)
            }
        }
        for index in 0..<threads {
            let semaphore = DispatchSemaphore(value: 0)
            semaphores.append(semaphore)
            startThread("waiter-\(index)") { semaphore.wait() }
        }
        for index in 0..<tasks {
            _ = Task(name: "task-\(index)") {
                started.add(1, ordering: .relaxed)
                await withCheckedContinuation { continuation in continuations.withLock { $0.append(continuation) } }
            }
        }
        while continuations.withLock({ $0.count }) < tasks { usleep(10_000) }
        if churn {
            for part in 0..<2 { startThread("churn") { replace(part) } }
        }
        startThread("probe") { probe() }
        sleep(1)
        func measure(_ name: String) throws {
            var durations: [Double] = []
            var processor: [UInt64] = []
            longestGap.store(0, ordering: .relaxed)
            let before = longestGap.load(ordering: .relaxed)
            _ = before
            let peak = residentPeak()
            var last: LeakReport?
            for _ in 0..<5 {
                let begin = processorTime()
                let report = try LeakDetector.scan()
                processor.append((processorTime() - begin) / 1_000_000)
                durations.append(
                    Double(report.duration.components.attoseconds) / 1e15 + Double(report.duration.components.seconds)
                        * 1e3)
                last = report
            }
            let gap = Double(longestGap.load(ordering: .relaxed)) / 1e6
            print(
                "\(name): scans \(durations.map { Int($0) }) ms, of which on a processor \(processor) ms, longest stall \(gap) ms, leaks \(last?.leaks.count ?? -1), unknown \(last?.unknown.count ?? -1), waiters \(last?.waiters ?? -1), read \((last?.scannedBytes ?? 0) >> 20) MiB, peak grew \((residentPeak() - peak) >> 10) MiB of \(peak >> 10)"
            )
        }
        longestGap.store(0, ordering: .relaxed)
        sleep(2)
        print("without a scan: longest stall \(Double(longestGap.load(ordering: .relaxed)) / 1e6) ms in 2 s")
        try measure("healthy")
        lose()
        sleep(1)
        try measure("one lost")
    }

    @inline(never) private static func lose() {
        let semaphore = DispatchSemaphore(value: 0)
        startThread("leak-one") { semaphore.wait() }
        clearStack()
    }

    private static func replace(_ part: Int) {
        var index = 1
        let count = heap[part].count
        while !isOver.load(ordering: .relaxed) {
            let node = Node()
            node.left = heap[part][index / 2]
            heap[part][index] = node
            index = index + 1 < count ? index + 1 : 1
        }
    }

    /// Writes memory and reads the clock without a pause.
    private static func probe() {
        let block = UnsafeMutablePointer<UInt64>.allocate(capacity: 1 << 16)
        block.initialize(repeating: 0, count: 1 << 16)
        var last = now()
        var delay = runDelay()
        var index = 0
        while !isOver.load(ordering: .relaxed) {
            for _ in 0..<64 {
                index = (index + 513) & 0xffff
                block[index] &+= 1
            }
            var time = now()
            if time - last > 500_000 {
                // What the thread waited for a processor is nobody's doing here.
                let waited = runDelay()
                time -= min(time - last, waited - delay)
                delay = waited
            }
            if time > last, time - last > longestGap.load(ordering: .relaxed) {
                longestGap.store(time - last, ordering: .relaxed)
            }
            last = now()
        }
    }

    /// How long this thread has waited for a processor. Source: proc(5), schedstat.
    private static func runDelay() -> UInt64 {
        let descriptor = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = read(descriptor, &bytes, bytes.count)
        let words = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        return words.count > 1 ? UInt64(words[1]) ?? 0 : 0
    }

    private static func processorTime() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// In KiB, of the process (RUSAGE_SELF is 0).
    private static func residentPeak() -> Int {
        var usage = rusage()
        getrusage(0, &usage)
        return usage.ru_maxrss
    }
}

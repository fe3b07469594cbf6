// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import RuntimeMetrics

/// The metrics that `mem` and `sched` lines are made of, read now and compared with the time before.
struct TraceFigures {
    private static let names = [
        "/process/uptime:seconds", "/memory/heap/in-use:bytes", "/memory/heap/allocs:objects",
        "/memory/heap/frees:objects", "/memory/resident:bytes", "/cpu/total:cpu-seconds",
        "/sched/threads/total:threads",
        "/sched/threads/running:threads", "/sched/threads/waiting:threads", "/sched/threads/uninterruptible:threads",
        "/sched/threads/stopped:threads", "/sched/run-queue-wait:seconds", "/sched/switches/voluntary:switches",
        "/sched/switches/involuntary:switches", "/cgroup/cpu/throttled:seconds",
    ]
    private var samples: [RuntimeMetrics.Sample]
    private var before: [RuntimeMetrics.Value] = []

    /// Only those that the kind of line needs are read.
    init(_ kind: Kind) {
        let wanted = kind == .memory ? Self.names[0...5] : Self.names[0...0] + Self.names[5...]
        samples = wanted.map { RuntimeMetrics.Sample($0) }
    }

    enum Kind { case memory, sched }

    mutating func read() {
        before = samples.map(\.value)
        RuntimeMetrics.read(into: &samples)
    }

    var uptime: Double { number("/process/uptime:seconds") ?? 0 }

    func count(_ name: String) -> UInt64? {
        guard case .uint64(let count)? = samples.first(where: { $0.name == name })?.value else { return nil }
        return count
    }

    func number(_ name: String) -> Double? { samples.first { $0.name == name }?.value.number }

    /// What was added since the time before; nil the first time.
    func growth(_ name: String) -> Double? {
        guard let index = samples.firstIndex(where: { $0.name == name }), index < before.count,
            let now = samples[index].value.number, let then = before[index].number
        else { return nil }
        return now - then
    }

    /// What was added in each second.
    func rate(_ name: String) -> Double? {
        guard let growth = growth(name), let seconds = self.growth("/process/uptime:seconds"), seconds > 0 else {
            return nil
        }
        return growth / seconds
    }
}

extension TraceLine {
    static func memory(_ figures: TraceFigures) -> [UInt8] {
        var line = TraceLine("mem", at: figures.uptime)
        line.add("live_bytes", figures.count("/memory/heap/in-use:bytes"))
        line.add("delta_bytes", change: figures.growth("/memory/heap/in-use:bytes").flatMap { Int64(exactly: $0) })
        line.add("mallocs_per_second", figures.rate("/memory/heap/allocs:objects"))
        line.add("frees_per_second", figures.rate("/memory/heap/frees:objects"))
        line.add("resident_bytes", figures.count("/memory/resident:bytes"))
        line.add("cpu_percent", figures.rate("/cpu/total:cpu-seconds").map { $0 * 100 })
        return line.finish()
    }

    static func sched(_ figures: TraceFigures) -> [UInt8] {
        var line = TraceLine("sched", at: figures.uptime)
        line.add("threads", figures.count("/sched/threads/total:threads"))
        line.add("running", figures.count("/sched/threads/running:threads"))
        line.add("waiting", figures.count("/sched/threads/waiting:threads"))
        line.add("uninterruptible", figures.count("/sched/threads/uninterruptible:threads"))
        line.add("stopped", figures.count("/sched/threads/stopped:threads"))
        line.add("run_queue_wait_ms", figures.growth("/sched/run-queue-wait:seconds").map { $0 * 1000 })
        line.add("voluntary_switches", figures.growth("/sched/switches/voluntary:switches").map { UInt64($0) })
        line.add("involuntary_switches", figures.growth("/sched/switches/involuntary:switches").map { UInt64($0) })
        line.add("throttled_ms", figures.growth("/cgroup/cpu/throttled:seconds").map { $0 * 1000 })
        line.add("cpu_percent", figures.rate("/cpu/total:cpu-seconds").map { $0 * 100 })
        return line.finish()
    }

    static func leak(_ scan: LeakScanHistory.Scan, at seconds: Double) -> [UInt8] {
        var line = TraceLine("leak", at: seconds)
        line.add("leaked", UInt64(clamping: scan.leaked))
        line.add("unknown", UInt64(clamping: scan.unknown))
        line.add("waiters", UInt64(clamping: scan.examined))
        line.add("pause_ms", scan.pause / .milliseconds(1), places: 3)
        line.add("duration_ms", scan.duration / .milliseconds(1))
        line.add("scanned_bytes", scan.scannedBytes)
        return line.finish()
    }
}

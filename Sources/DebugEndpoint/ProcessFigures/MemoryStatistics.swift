// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// memstats, as far as a process without a garbage collector has it. Readers such as Datadog's go_expvar check need the
// shape of Go's runtime.MemStats: every field, integers only.
import CGlibc
import DebugVariables
import Glibc
import HeapProfile
import ProcessSnapshot
import Synchronization

/// The allocator's figures, read now and then.
///
/// glibc's `mallinfo2` walks the free lists under each arena's lock, which takes long in a fragmented heap. So that looking
/// never slows the process noticeably, a reading is kept for a hundred times as long as it took, 50 ms at least.
final class MemoryStatistics: Sendable {
    private struct Reading {
        /// Bytes and counts under Go's names.
        var known: [String: UInt64] = [:]
        var json: [UInt8] = []
        var validUntil = ContinuousClock.now
    }
    private let last = Mutex(Reading())

    /// The value of `memstats`.
    func json() -> [UInt8] { current.json }

    /// What is known, as text under Go's names and in its order, and the most memory that was ever resident, in bytes.
    func figures() -> [(name: String, value: String)] {
        let known = current.known
        let figures = Self.fieldsBeforePauses.compactMap { name in known[name].map { (name, String($0)) } }
        let peak = ProcFile.read("/proc/self/status").flatMap { ProcFile.number("VmHWM", in: $0) }
        return figures + (peak.map { [("MaxRSS", String($0 * 1024))] } ?? [])
    }

    private var current: Reading {
        last.withLock { last in
            let now = ContinuousClock.now
            if now < last.validUntil, !last.json.isEmpty { return last }
            last.known = Self.read()
            last.json = Self.json(last.known)
            let cost = ContinuousClock.now - now
            last.validUntil = now + max(cost * 100, .milliseconds(50))
            return last
        }
    }

    private static func read() -> [String: UInt64] {
        let heap = mallinfo2()
        let inUse = UInt64(heap.uordblks + heap.hblkhd)
        let obtained = UInt64(heap.arena + heap.hblkhd)
        let stack = (ProcFile.read("/proc/self/status").flatMap { ProcFile.number("VmStk", in: $0) } ?? 0) * 1024
        var known: [String: UInt64] = [
            "Alloc": inUse, "HeapAlloc": inUse,
            "Sys": obtained + stack, "HeapSys": obtained,
            "HeapIdle": UInt64(heap.fordblks), "HeapInuse": inUse,
            "StackInuse": stack, "StackSys": stack,
        ]
        if let totals = AllocationTotals.read() {
            known["Mallocs"] = totals.mallocs
            known["Frees"] = totals.frees
            known["TotalAlloc"] = totals.bytes
            known["HeapObjects"] = totals.mallocs - totals.frees  // never less than 0; see AllocationTotals
        }
        return known
    }

    /// What is not known is 0: GC fields because there is no collector, the counts where nobody counts them.
    private static func json(_ known: [String: UInt64]) -> [UInt8] {
        var writer = TextWriter()
        for (index, field) in fieldsBeforePauses.enumerated() {
            writer.write(index == 0 ? "{\"" : ",\"")
            writer.write(string: field)
            writer.write("\":")
            writer.write(known[field] ?? 0)
        }
        writer.write(bytes: constantTail)
        return writer.finish()
    }

    /// Go's order.
    private static let fieldsBeforePauses = [
        "Alloc", "TotalAlloc", "Sys", "Lookups", "Mallocs", "Frees", "HeapAlloc", "HeapSys", "HeapIdle", "HeapInuse",
        "HeapReleased", "HeapObjects", "StackInuse", "StackSys", "MSpanInuse", "MSpanSys", "MCacheInuse", "MCacheSys",
        "BuckHashSys", "GCSys", "OtherSys", "NextGC", "LastGC", "PauseTotalNs",
    ]

    /// From PauseNs on, nothing changes: 256 pauses and their ends, the collector's counts, and Go's 61 size classes.
    private static let constantTail: [UInt8] = {
        let zeros = [String](repeating: "0", count: 256).joined(separator: ",")
        let goSizeClasses = [String](repeating: "{\"Size\":0,\"Mallocs\":0,\"Frees\":0}", count: 61).joined(
            separator: ",")
        return Array(
            """
            ,"PauseNs":[\(zeros)],"PauseEnd":[\(zeros)],"NumGC":0,"NumForcedGC":0,"GCCPUFraction":0,"EnableGC":false,"DebugGC":false,"BySize":[\(goSizeClasses)]}
            """.utf8)
    }()
}

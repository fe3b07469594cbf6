// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// memstats, as far as a process without a garbage collector has it. Readers such as Datadog's go_expvar check need the
// shape of Go's runtime.MemStats: every field, integers only.
import DebugVariables
import HeapProfile
import ProcessSnapshot
import RuntimeMetrics

/// The allocator's figures, read now and then.
///
/// A reading is kept for a hundred times as long as it took, 50 ms at least: see ``AllocatorFigures``.
final class MemoryStatistics: Sendable {
    private struct Reading {
        /// Bytes and counts under Go's names.
        let known: [String: UInt64]
        let json: [UInt8]

        init(known: [String: UInt64]) {
            self.known = known
            json = MemoryStatistics.json(known)
        }
    }
    private let reading = CostlyReading { Reading(known: MemoryStatistics.read()) }

    /// The value of `memstats`.
    func json() -> [UInt8] { current.json }

    /// What is known, as text under Go's names and in its order, and the most memory that was ever resident, in bytes.
    func figures() -> [(name: String, value: String)] {
        let known = current.known
        let figures = Self.fieldsBeforePauses.compactMap { name in known[name].map { (name, String($0)) } }
        let peak = ProcFile.read("/proc/self/status").flatMap { ProcFile.number("VmHWM", in: $0) }
        return figures + (peak.map { [("MaxRSS", String($0 * 1024))] } ?? [])
    }

    private var current: Reading { reading.current }

    private static func read() -> [String: UInt64] {
        let heap = AllocatorFigures.read()
        let (inUse, obtained) = (heap.inUse, heap.committed)
        let stack = (ProcFile.read("/proc/self/status").flatMap { ProcFile.number("VmStk", in: $0) } ?? 0) * 1024
        var known: [String: UInt64] = [
            "Alloc": inUse, "HeapAlloc": inUse,
            "Sys": obtained + stack, "HeapSys": obtained,
            "HeapIdle": heap.idle, "HeapInuse": inUse,
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

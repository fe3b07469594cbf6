// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import RuntimeMetrics
import Synchronization

/// What leak scans of this process have found and cost; whoever scans notes it here.
final class LeakScanHistory: Sendable {
    static let shared = LeakScanHistory()

    /// One scan.
    struct Scan: Sendable, Equatable {
        var threads: Int
        var tasks: Int
        var unknown: Int
        var examined: Int
        var pause: Duration
        var duration: Duration
        var scannedBytes: UInt64
        /// When it ended, in seconds since 1970.
        var time: Double

        var leaked: Int { threads + tasks }
    }

    private struct State {
        var last: Scan?
        var count: UInt64 = 0
        var bytes: UInt64 = 0
        var time = Duration.zero
        var observer: (@Sendable (Scan) -> Void)?
    }
    private let state = Mutex(State())

    /// Nil before the first scan: 0 would say that somebody has looked.
    var last: Scan? { state.withLock { $0.last } }

    /// Nil before the first scan.
    var figures: LeakFigures? {
        state.withLock { state in
            state.last.map { last in
                LeakFigures(
                    leaked: UInt64(clamping: last.leaked), unknown: UInt64(clamping: last.unknown),
                    examined: UInt64(clamping: last.examined), pauseSeconds: last.pause / .seconds(1),
                    scans: state.count, scannedBytes: state.bytes, scanSeconds: state.time / .seconds(1))
            }
        }
    }

    /// Under their names, in order.
    func variables() -> [ExtraMetric] {
        guard let last else { return [] }
        return [
            ExtraMetric(
                "debug_endpoint_last_scan_seconds", help: "When the last scan for leaks ended, since the epoch.",
                unit: "seconds", value: .gauge(last.time)),
            ExtraMetric(
                "debug_endpoint_leaked_tasks", help: "Tasks that will never wake, by the last scan.",
                value: .gauge(Double(last.tasks))),
            ExtraMetric(
                "debug_endpoint_leaked_threads", help: "Threads that will never wake, by the last scan.",
                value: .gauge(Double(last.threads))),
        ]
    }

    /// Counts a scan that has just ended, and tells the observer. Safe from any thread.
    func note(_ report: LeakReport) {
        let threads = report.leaks.count { $0.kind == .thread }
        note(
            Scan(
                threads: threads, tasks: report.leaks.count - threads, unknown: report.unknown.count,
                examined: report.waiters, pause: report.pause, duration: report.duration,
                scannedBytes: UInt64(clamping: report.scannedBytes),
                time: Double(ProcessView.nanosecondsSince1970() / 1_000_000) / 1000))
    }

    func note(_ scan: Scan) {
        let observer = state.withLock { state in
            state.last = scan
            state.count &+= 1
            state.bytes &+= scan.scannedBytes
            state.time += scan.duration
            return state.observer
        }
        observer?(scan)
    }

    /// From now on called after each scan, on the thread that scanned.
    func observe(_ observer: @escaping @Sendable (Scan) -> Void) {
        state.withLock { $0.observer = observer }
    }
}

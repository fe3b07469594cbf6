// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import HeapProfile
import MicroHTTP
import Synchronization

/// Scans for leaks now and then, on a thread of its own, from the server's start to its stop.
final class LeakWatch: Sendable {
    private let scans: DebugServer.LeakScans
    private let log: @Sendable (String) -> Void
    private let stopping: Event

    /// Keeps each that runs. What a callback refers to counts as kept by the program: it must not be known to the watching
    /// thread alone, whose stack no scan of its own looks at.
    private static let running = Mutex<[LeakWatch]>([])

    static let intervals: ClosedRange<Duration> = .seconds(1)...(.seconds(86_400 * 365))

    /// - Throws: a sentence when the kernel gives no descriptor or no thread.
    init(_ scans: DebugServer.LeakScans, log: @escaping @Sendable (String) -> Void) throws(HTTPServerError) {
        self.scans = scans
        self.log = log
        stopping = try Event()
    }

    /// False when there is no thread to be had.
    func start() -> Bool {
        Self.running.withLock { $0.append(self) }
        let isStarted = ServiceThread.start("debug-leaks") {
            AllocationSampling.markThreadAsOwn()
            self.run()
            Self.running.withLock { $0.removeAll { $0 === self } }
        }
        if !isStarted { Self.running.withLock { $0.removeAll { $0 === self } } }
        return isStarted
    }

    /// No report begins after this; one that is being made may still come.
    func stop() { stopping.raise() }

    private struct Known: Hashable {
        let kind: LeakReport.Kind
        let id: UInt64
    }

    private func run() {
        var known: Set<Known> = []
        while !stopping.wait(for: scans.interval) {
            let report: LeakReport
            do throws(LeakDetector.Refusal) {
                report = try LeakDetector.scanForEndpoint()
            } catch {
                if error.isTemporary { continue }
                return log("no scans for leaks: \(error.description)")
            }
            let new = report.leaks.filter { !known.contains(Known(kind: $0.kind, id: $0.id)) }
            known = Set(report.leaks.map { Known(kind: $0.kind, id: $0.id) })
            if !new.isEmpty {
                log(
                    "\(report.leaks.count) threads and tasks will never wake, \(new.count) more than before: see \(LeaksPage.path)"
                )
            }
            if stopping.wait(for: .zero) { return }
            AllocationSampling.counting(asOwn: false) { scans.onReport(report, new) }
        }
    }
}

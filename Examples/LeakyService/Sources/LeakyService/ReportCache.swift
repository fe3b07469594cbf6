// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

/// Reports that are made once and read by many.
final class ReportCache: Sendable {
    /// A report, which readers wait for until it is ready.
    private final class Report: Sendable {
        let ready = DispatchSemaphore(value: 0)
    }

    private let reports = Mutex<[Int: Report]>([:])
    private let printer = DispatchQueue(label: "report printer")

    func read(_ number: Int, whileItIsDropped isDropped: Bool) {
        let ready = report(number, isDropped: isDropped)
        ready.wait()  // stuck: semaphore
        reports.withLock { $0[number] = nil }
    }

    @inline(never)
    private func report(_ number: Int, isDropped: Bool) -> DispatchSemaphore {
        let report = Report()
        reports.withLock { $0[number] = report }
        if isDropped { drop(number) }
        // Weak, as the printer need not make what nobody wants: but somebody may wait for it.
        printer.async { [weak report] in _ = report?.ready.signal() }
        return report.ready
    }

    /// The mistake: whoever waits for the report is not told.
    private func drop(_ number: Int) {
        reports.withLock { $0[number] = nil }
        printer.sync {}
    }
}

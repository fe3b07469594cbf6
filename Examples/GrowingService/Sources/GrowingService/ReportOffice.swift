// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// One line of a report.
final class ReportLine: Sendable {
    let text: String

    init(_ text: String) {
        self.text = text
    }
}

/// Threads that write a long report each, throw it away, and wait two seconds before the next.
final class ReportOffice: Sendable {
    /// The mistake: a line kept here and there pins the memory around it. Nothing is leaked: what is kept is little.
    private let keepsLines: Bool
    /// One line in five hundred of the last twenty reports.
    private let kept = Mutex<[[ReportLine]]>([])

    init(keepsLines: Bool) {
        self.keepsLines = keepsLines
    }

    /// Each desk is a thread of its own and so, to glibc, an arena of its own.
    func open(desks: Int) {
        for desk in 1...desks {
            let thread = Thread {
                for report in 1... {
                    self.write(report)
                    sleep(2)
                }
            }
            thread.name = "desk \(desk)"
            thread.start()
        }
    }

    /// Not inlined, so that the profile shows it by its name.
    @inline(never)
    private func write(_ report: Int) {
        // The first ones are shorter.
        let count = min(report, 3) * 30_000
        let lines = (1...count).map { ReportLine("report \(report), line \($0): nothing to report") }
        guard keepsLines else { return }
        let some = stride(from: 0, to: lines.count, by: 500).map { lines[$0] }
        kept.withLock {
            $0.append(some)
            if $0.count > 20 { $0.removeFirst() }
        }
    }
}

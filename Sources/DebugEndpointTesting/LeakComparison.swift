// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint

/// Who waited before something, and who waits for ever after it.
struct LeakComparison {
    /// In the same wait as before: not of what was done meanwhile, leaked or not.
    private var before: Set<LeakReport.Wait> = []
    private let busyBefore: Set<UInt64>
    private var deadline = ContinuousClock.now
    private var threadsOfLastLook: Int?
    /// What the test is to be failed with; nil where all is well.
    private(set) var failure: String?

    static let microsecondsBetweenLooks: UInt32 = 20_000

    /// Remembers who waits now.
    init() {
        busyBefore = UnsettledWork.current().busyTasks
        do throws(LeakDetector.Refusal) {
            before = try LeakDetector.scan().waits
        } catch {
            failure = error.description
        }
    }

    mutating func begin(within patience: Duration) { deadline = .now + patience }

    /// Looks once. Returns whether more is to be expected of another look.
    mutating func looksAgain() -> Bool {
        guard failure == nil else { return false }
        let work = UnsettledWork.current()
        var report: LeakReport
        do throws(LeakDetector.Refusal) {
            report = try LeakDetector.scan()
        } catch {
            failure = error.description
            return false
        }
        report.leaks.removeAll { before.contains(LeakReport.Wait($0)) }
        guard report.leaks.isEmpty else {
            // A leak is for ever: there is nothing to wait for.
            failure = report.description
            return false
        }
        // Who began to wait may be lost though a processor's stack still has what it waits on.
        let isSettled =
            work.busyTasks.isSubset(of: busyBefore) && report.waits.isSubset(of: before)
            && threadsOfLastLook == work.threads
        threadsOfLastLook = work.threads
        return !isSettled && ContinuousClock.now < deadline
    }
}

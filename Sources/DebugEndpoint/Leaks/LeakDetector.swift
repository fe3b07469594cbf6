// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import HeapProfile
import ProcessSnapshot
import Synchronization

/// Finds the threads and tasks that wait for something that nobody alive can ever do.
public enum LeakDetector {
    /// Why a scan was refused, in a sentence.
    public struct Refusal: Error, Sendable, CustomStringConvertible {
        public let description: String
        /// Whether the same scan may succeed a little later.
        public let isTemporary: Bool

        init(_ refusal: SnapshotRefusal) {
            description = refusal.description
            isTemporary = refusal.isTemporary
        }
    }

    private struct Memory {
        var scans = 0
        /// By the places of their waits.
        var leaked: [ProcessWaiter.Key: KnownLeak] = [:]
        var since: [ProcessWaiter.Key: ContinuousClock.Instant] = [:]
        /// The last scan, kept while somebody waits who may share it.
        var last: (began: ContinuousClock.Instant, report: LeakReport)?

        /// Scans, and notes what came of it.
        mutating func scan(
            ownStackFrom: UInt, explaining asked: WaiterID? = nil
        ) throws(SnapshotRefusal) -> (began: ContinuousClock.Instant, scan: LeakScan, report: LeakReport) {
            let began = ContinuousClock.now
            let scan = try LeakScan.run(ownStackFrom: ownStackFrom, known: leaked, explaining: asked)
            let report = conclude(scan, began)
            LeakScanHistory.shared.note(report)
            return (began, scan, report)
        }

        /// Compares a scan with those before it.
        private mutating func conclude(_ scan: LeakScan, _ start: ContinuousClock.Instant) -> LeakReport {
            scans += 1
            let waiters = scan.waiters.waiters
            let found = Set(scan.findings.map(\.waiter.place))
            let retracted = Set(leaked.keys).intersection(waiters.map(\.place)).subtracting(found).count
            let now = ContinuousClock.now
            since = Dictionary(
                waiters.map { ($0.key, leaked[$0.place]?.since ?? since[$0.key] ?? start) },
                uniquingKeysWith: { first, _ in first })
            leaked = Dictionary(
                scan.findings.map { ($0.waiter.place, KnownLeak($0, waiters, since: since[$0.waiter.key] ?? start)) },
                uniquingKeysWith: { first, _ in first })
            return LeakReport(
                scan, blocked: since.mapValues { now - $0 }, retracted: retracted, scans: scans, duration: now - start)
        }
    }

    /// One scan at a time; others wait here.
    private static let turn = Mutex(Memory())
    private static let callers = Atomic(0)

    /// Scans this process.
    ///
    /// Every report is of a scan that began after it was asked for: who asks while a scan runs waits for the next one, and all who
    /// waited share that. Blocks the caller for as long as it takes, some 50 ms for 50 MiB. Stops nobody, but where it has found
    /// something it holds threads for microseconds to read their registers. What the caller refers to, up its stack, counts as kept. Safe from any thread, but for one that holds a lock which allocating takes.
    /// - Throws: a ``Refusal`` where this process cannot be looked at.
    @inline(never)
    public static func scan() throws(Refusal) -> LeakReport {
        OwnStack.clearBelow()
        return try scanForCallers()
    }

    /// A frame of its own, in cleared memory.
    @inline(never)
    private static func scanForCallers() throws(Refusal) -> LeakReport {
        try OwnStack.withCallers { from throws(Refusal) in try scan(keepingFrom: from) }
    }

    /// For the endpoint's own threads, whose stacks have nothing of the program's.
    static func scanForEndpoint() throws(Refusal) -> LeakReport { try scan(keepingFrom: .max) }

    /// What one scan says of whom a client asks about; the trail alone where that is nobody, or more than one.
    static func explainForEndpoint(_ asked: WaiterID) throws(Refusal) -> (
        trail: LeakTrail?, explanation: LeakExplanation?
    ) {
        do throws(SnapshotRefusal) {
            return try withOwnAllocations { () throws(SnapshotRefusal) in
                try turn.withLock { memory throws(SnapshotRefusal) in
                    let (_, scan, report) = try memory.scan(ownStackFrom: .max, explaining: asked)
                    return (scan.trail, scan.trail.flatMap { LeakExplanation($0, report) })
                }
            }
        } catch {
            throw Refusal(error)
        }
    }

    /// Why no scan is possible in this process, such as in a build with a sanitizer; nil when nothing is known to be in the way.
    public static var limitation: String? { HeapLook.refusal }

    private static func scan(keepingFrom ownStackFrom: UInt) throws(Refusal) -> LeakReport {
        do throws(SnapshotRefusal) {
            return try withOwnAllocations { () throws(SnapshotRefusal) in try scan(ownStackFrom: ownStackFrom) }
        } catch {
            throw Refusal(error)
        }
    }

    private static func scan(ownStackFrom: UInt) throws(SnapshotRefusal) -> LeakReport {
        let asked = ContinuousClock.now
        callers.wrappingAdd(1, ordering: .relaxed)
        defer { callers.wrappingSubtract(1, ordering: .relaxed) }
        return try turn.withLock { memory throws(SnapshotRefusal) in
            // Who comes after this load has asked after the scan began, and would not be given it anyway.
            defer { if callers.load(ordering: .relaxed) == 1 { memory.last = nil } }
            if let last = memory.last, last.began > asked { return last.report }
            let (began, _, report) = try memory.scan(ownStackFrom: ownStackFrom)
            memory.last = (began, report)
            return report
        }
    }
}

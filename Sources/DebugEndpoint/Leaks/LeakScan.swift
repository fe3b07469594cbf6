// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// One scan. The first pass marks without stopping anybody: where every waiter is reached, that is all. Else everything is read
// once more. What two readings found the same was so all the time between them, so that all of that together is one image of
// one instant; what changes is read many times, together with the registers and stacks of those who run: a reference that only
// moves would have to be elsewhere each time.
import Glibc
import HeapProfile
import LeakDetection
import ProcessSnapshot

/// What one scan found, before it is put into words.
struct LeakScan {
    struct Finding {
        let waiter: ProcessWaiter
        let leak: LeakedWaiter
        /// Whether it is lost also if handles of tasks could resume them, which only their types say they are.
        let isProven: Bool
        /// Of the object that what it waits on is part of.
        let type: String?
    }

    private(set) var waiters: ProcessWaiters
    private(set) var findings: [Finding] = []
    /// Tasks and threads of which nothing is said, and why. The id is 0 where that is true of all of them.
    private(set) var unknown: [(isTask: Bool, id: UInt64, reason: String)] = []
    private(set) var scannedBytes = 0
    /// The longest time that a thread was held for its registers.
    var pause: Duration { holds.longest }
    private let holds = LongestHold()
    /// What earlier scans found, by place: that needs no second look.
    private let known: [ProcessWaiter.Key: KnownLeak]
    /// What keeps the waiter that was asked about.
    private(set) var trail: LeakTrail?

    /// Whether a signal or the like woke somebody in the middle of a verdict.
    private var wasInterrupted = false

    private static let attempts = 3
    private static let passes = 3
    /// 64 MiB of memory that changes: more than that cannot be read often enough.
    private static let mostHotPages = 1 << 14

    /// Scans. `known` are the leaks that were found before, by the places of their waits. To explain one costs memory for each block that is
    /// reached.
    static func run(
        ownStackFrom: UInt, known: [ProcessWaiter.Key: KnownLeak], explaining asked: WaiterID? = nil
    ) throws(SnapshotRefusal) -> LeakScan {
        try withOwnAllocations(hidden: true) { () throws(SnapshotRefusal) in
            var scan = try LeakScan(ownStackFrom: ownStackFrom, known, asked)
            for _ in 1..<attempts where scan.wasInterrupted {
                scan = try LeakScan(ownStackFrom: ownStackFrom, known, asked)
            }
            return scan
        }
    }

    private init(
        ownStackFrom: UInt, _ known: [ProcessWaiter.Key: KnownLeak], _ asked: WaiterID?
    ) throws(SnapshotRefusal) {
        guard let marker = HeapMarker(read: ProcessMemory.read) else {
            throw SnapshotRefusal(
                """
                leaks were asked for, but live memory cannot be told from freed memory here: that takes the package trait \
                AllocationTap, in a build without sanitizers, and glibc's malloc
                """)
        }
        self.known = known
        marker.keepsOrigins = asked != nil
        let (tasks, refusal) = Self.tasks(marker)
        let first = try Surroundings(holds)
        waiters = ProcessWaiters(first, tasks)
        for (index, waiter) in waiters.waiters.enumerated() where knownLeak(waiter) != nil {
            waiters.condemn(index)
        }
        unknown = (tasks?.unknown ?? []).map { (true, $0.id, $0.reason) }
        unknown += waiters.unplaced.map { (false, UInt64($0), "it is on a stack that glibc does not know of") }
        unknown += first.threads.hidden.map { (false, UInt64($0), ThreadsLook.reasonForHidden) }
        if let refusal { unknown.append((true, 0, refusal)) }
        var memory = MarkedProcess(marker, waiters, tasks?.tasks ?? [], first, ownStackFrom: ownStackFrom)
        var leaks = LeakFixpoint.leaks(in: waiters.graph, &memory)
        // Twice more: a verdict needs two images of one instant each, between the first and the second pass and between the
        // second and the third.
        var pass = 1
        while pass < Self.passes, leaks.contains(where: isNew) {
            pass += 1
            let asleep = threads(of: leaks)
            let now = try Surroundings(holds, registersWithout: asleep)
            release(leaks)
            memory.waiters = waiters
            memory.reading = .again(now)
            leaks = LeakFixpoint.leaks(in: waiters.graph, &memory)
            if memory.failure != nil { break }
            let hot = marker.takeHotPages()
            if hot.count > Self.mostHotPages {
                note(
                    leaks.filter(isNew),
                    "memory changed too fast to be sure: \(hot.count * 4 / 1024) MiB between two looks")
                leaks.removeAll(where: isNew)
                break
            }
            if !leaks.contains(where: isNew) { break }
            memory.reading = .changing(now, pages: hot, asleep: threads(of: leaks))
            leaks = LeakFixpoint.leaks(in: waiters.graph, &memory)
        }
        if pass > 1, leaks.contains(where: isNew) {
            release(leaks)
            memory.waiters = waiters
            memory.reading = .nothing
            leaks = LeakFixpoint.leaks(in: waiters.graph, &memory)
        }
        scannedBytes = marker.scannedBytes
        if let reason = memory.failure
            ?? (marker.isIncomplete ? "there is not enough memory to look at all of it" : nil)
        {
            note(leaks.filter(isNew), reason)
            leaks.removeAll(where: isNew)
        }
        if let asked {
            trail = LeakTrail(
                asked, waiters, tasks?.tasks ?? [], memory, first, leaked: Set(leaks.map(\.waiter)),
                ownStackFrom: ownStackFrom)
        }
        conclude(leaks, proven: provenLeaks(leaks, &memory), marker)
    }

    private func isNew(_ leak: LeakedWaiter) -> Bool {
        known[waiters.waiters[leak.waiter].place] == nil
    }

    /// What was found of this very wait before.
    private func knownLeak(_ waiter: ProcessWaiter) -> KnownLeak? {
        known[waiter.place].flatMap { $0.wait == waiter.key ? $0 : nil }
    }

    private func threads(of leaks: [LeakedWaiter]) -> Set<Int32> {
        Set(
            leaks.compactMap {
                if case .thread(let thread) = waiters.waiters[$0.waiter] { thread.id } else { nil }
            })
    }

    /// Whether it waits as it did, so that what was found of it holds.
    private func stands(_ waiter: ProcessWaiter) -> Bool {
        waiter.isStillThere || known[waiter.place] != nil && waiter.isInPlace
    }

    /// Those who are not where they were have been woken; of those of `leaks` who went back there, nothing is known but that.
    /// Others were interrupted by us, for their registers.
    private mutating func release(_ leaks: [LeakedWaiter]) {
        let suspects = Set(leaks.map(\.waiter))
        for (index, waiter) in waiters.waiters.enumerated() where !stands(waiter) {
            guard waiter.isInPlace else {
                waiters.release(index)
                continue
            }
            guard suspects.contains(index) else { continue }
            waiters.release(index)
            wasInterrupted = true
            unknown.append(
                (waiter.key.isTask, waiter.key.id, "it was woken, as by a signal, and went back to its wait"))
        }
        waiters.releaseWhereOthersRun()
    }

    /// Those that are lost also if a handle were as good as a continuation.
    private func provenLeaks(_ leaks: [LeakedWaiter], _ memory: inout MarkedProcess) -> Set<Int> {
        guard memory.knowsHandles, !leaks.isEmpty else { return Set(leaks.map(\.waiter)) }
        memory.reading = .handles
        return Set(LeakFixpoint.leaks(in: waiters.graph, &memory).map(\.waiter))
    }

    private mutating func conclude(_ leaks: [LeakedWaiter], proven: Set<Int>, _ marker: HeapMarker) {
        let indices = Dictionary(
            waiters.waiters.enumerated().map { ($0.element.place, $0.offset) }, uniquingKeysWith: { first, _ in first })
        findings = leaks.compactMap { leak in
            let waiter = waiters.waiters[leak.waiter]
            guard stands(waiter) else { return nil }
            let before = knownLeak(waiter)
            let leak = before?.leak(leak.waiter, indices) ?? leak
            let object = waiter.waitsOn.flatMap { marker.block(containing: $0) }?.lowerBound
            return Finding(
                waiter: waiter, leak: leak, isProven: before?.isProven ?? proven.contains(leak.waiter),
                type: object.flatMap(TypeName.ofObject))
        }
    }

    private mutating func note(_ leaks: [LeakedWaiter], _ reason: String) {
        for leak in leaks {
            let key = waiters.waiters[leak.waiter].key
            unknown.append((key.isTask, key.id, reason))
        }
    }

    /// The tasks, or why they cannot be seen. A process without the runtime has none, which is no reason to say nothing of its
    /// threads.
    private static func tasks(_ marker: HeapMarker) -> (tasks: TasksLook?, refusal: String?) {
        guard TaskLayout.isRuntimeHere else { return (nil, nil) }
        do throws(SnapshotRefusal) {
            let look = try TasksSnapshot.look(
                excluding: marker.ownMemory, hasRoom: HeapMarker.hasRoom, functionName: ProcessView.functionName)
            return (look, nil)
        } catch {
            return (nil, error.description)
        }
    }
}

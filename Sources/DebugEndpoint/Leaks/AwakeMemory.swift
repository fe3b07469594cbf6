// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import HeapProfile
import ProcessSnapshot

/// Marks from everything that is awake whoever sleeps: roots, stacks and registers of threads that wait for nobody, and what the
/// kernel keeps.
struct AwakeMemory {
    let marker: HeapMarker
    /// Where the caller's part of the scanning thread's stack begins.
    let ownStackFrom: UInt
    /// Why something could not be read; nil when everything was.
    private(set) var failure: String?
    /// Of the last reading, in order.
    private var ranges: [Range<UInt>] = []
    /// Of frames of those who sleep, what others who are awake may change.
    var frames: [Range<UInt>] = []

    init(_ marker: HeapMarker, ownStackFrom: UInt) {
        self.marker = marker
        self.ownStackFrom = ownStackFrom
    }

    mutating func scan(_ surroundings: Surroundings, _ waiters: ProcessWaiters) {
        let excluded =
            marker.ownMemory + RootMemory.brkHeap(surroundings.map)
            + HeapExtents.find(in: RootMemory.anonymous(surroundings.map), read: ProcessMemory.read)
            + HeapExtents.mainArena(in: RootMemory.dataOfLibc(surroundings.map), read: ProcessMemory.read)
            + surroundings.stacks.living.values.map(\.range) + surroundings.stacks.ended
            + waiters.threadIndex.keys.compactMap { surroundings.stacks.living[$0]?.storage }
        ranges = RootMemory.ranges(surroundings.map, excluding: excluded)
        for range in ranges { scanRoot(range) }
        for range in stacks(surroundings, waiters) { marker.scan(range) }
        if surroundings.isExact { scanLateStacks(surroundings, waiters) }
        for word in surroundings.kernel.words { marker.scan(word: word) }
        note(surroundings.kernel.unseen)
        for thread in surroundings.threads.others
        where thread.id != surroundings.threads.own && waiters.threadIndex[thread.id] == nil {
            for word in thread.arguments { marker.scan(word: word) }
            // A stack that is a block of the heap is in use as long as somebody is on it.
            if let pointer = thread.stackPointer { marker.scan(word: pointer) }
        }
        for thread in surroundings.threads.blocked where waiters.threadIndex[thread.id] == nil {
            marker.scan(word: thread.stackPointer)
        }
        scan(surroundings.registers, of: surroundings, waiters)
    }

    private mutating func scan(_ registers: ThreadRegisters, of surroundings: Surroundings, _ waiters: ProcessWaiters) {
        for (thread, words) in registers.words where waiters.threadIndex[thread] == nil {
            for word in words { marker.scan(word: word) }
        }
        let refusals = registers.refusals.sorted { $0.key < $1.key }
        if let (thread, reason) = refusals.first { note("thread \(thread) may have a reference: \(reason)") }
    }

    /// What cannot be read counts only if it is mapped: it may have been unmapped, and mapped anew since.
    private mutating func scanRoot(_ range: Range<UInt>) {
        var rest = range
        for _ in 0..<Self.attempts {
            rest = rest.lowerBound + marker.scan(rest)..<rest.upperBound
            if rest.isEmpty { return }
            guard let mapping = MemoryMap.current()?[rest.lowerBound], mapping.isReadable else { return }
        }
        note("the mapping at 0x\(String(rest.lowerBound, radix: 16)) could not be read")
    }

    private static let attempts = 8

    mutating func note(_ reason: String?) {
        if failure == nil { failure = reason }
    }

    /// The stacks of those who are awake, as far as they are in use. In the first reading that is not known of threads that run:
    /// what only they refer to is looked at once more.
    private func stacks(_ surroundings: Surroundings, _ waiters: ProcessWaiters) -> [Range<UInt>] {
        var ends: [Int32: UInt] = [:]
        for thread in surroundings.threads.others { ends[thread.id] = thread.stackPointer.map { $0 &- thread.redZone } }
        for thread in surroundings.threads.blocked { ends[thread.id] = thread.stackPointer &- thread.redZone }
        var ranges: [Range<UInt>] = []
        for (thread, stack) in surroundings.stacks.living where waiters.threadIndex[thread] == nil {
            if thread == surroundings.threads.own {
                ranges.append(max(stack.range.lowerBound, min(ownStackFrom, stack.record))..<stack.range.upperBound)
            } else if let end = ends[thread] ?? surroundings.registers.stackEnds[thread], stack.range.contains(end) {
                ranges.append(end..<stack.range.upperBound)
            } else if ends[thread] != nil {
                // It is on a stack of its own making: anything that has content may be in use.
                ranges += RootMemory.resident(in: stack.range)
            }
        }
        return ranges
    }

    /// The stacks of threads that ran when we looked, or began since, and were not read with the others.
    private mutating func scanLateStacks(_ surroundings: Surroundings, _ waiters: ProcessWaiters) {
        let seen = Set(surroundings.threads.others.compactMap { $0.stackPointer == nil ? nil : $0.id })
            .union(surroundings.threads.blocked.map(\.id))
        let late = surroundings.stacks.living.filter { thread, stack in
            thread != surroundings.threads.own && waiters.threadIndex[thread] == nil && !seen.contains(thread)
                && !(surroundings.registers.stackEnds[thread].map(stack.range.contains) ?? false)
        }
        for range in scanRegisters(ofThreadsOn: late, surroundings).values {
            for part in RootMemory.resident(in: range) { marker.scan(part) }
        }
    }

    /// What is in use of the stacks of these threads at this moment, as they are read. Nothing of one that has ended: what is left
    /// on its stack belongs to nobody.
    private mutating func scanRegisters(
        ofThreadsOn stacks: [Int32: ThreadStacks.Stack], _ surroundings: Surroundings
    ) -> [Int32: Range<UInt>] {
        guard !stacks.isEmpty else { return [:] }
        let registers = surroundings.registers(of: Array(stacks.keys))
        for words in registers.words.values {
            for word in words { marker.scan(word: word) }
        }
        var ranges: [Int32: Range<UInt>] = [:]
        for (thread, stack) in stacks {
            if let end = registers.stackEnds[thread] {
                ranges[thread] = stack.range.contains(end) ? end..<stack.range.upperBound : stack.range
            } else if registers.refusals[thread] != nil {
                ranges[thread] = stack.range
            }
        }
        return ranges
    }

    // MARK: What changes

    /// As often as each page is read, and for how long. What moves is missed in one reading as often as not; in sixteen, hardly ever.
    private static let rounds = 16...32
    private static let roundTime = Duration.milliseconds(250)

    /// Reads `pages` and those who run again and again.
    mutating func scanChanging(
        _ surroundings: Surroundings, _ waiters: ProcessWaiters, asleep: Set<Int32>, pages: [UInt],
        betweenRounds: () -> Void
    ) {
        let runs = Self.runs(of: pages)
        let end = ContinuousClock.now + Self.roundTime
        let watched = AddressRanges(ranges + frames).ranges
        let rootPages = pages.flatMap { RootMemory.parts(of: $0..<$0 + 4096, in: watched) }
        var restless = restlessStacks(surroundings, waiters, pages)
        var begun: [Int32: ThreadStacks.Stack] = [:]
        for round in 0..<Self.rounds.upperBound {
            if round >= Self.rounds.lowerBound, ContinuousClock.now > end { break }
            let isForward = round % 2 == 0
            for run in isForward ? runs : runs.reversed() { marker.rescan(run) }
            for range in isForward ? rootPages : rootPages.reversed() { marker.scan(range) }
            // Threads may have begun since.
            if round % 4 == 1, let stacks = ThreadStacks.current(surroundings.map) {
                let new = stacks.living.filter {
                    surroundings.stacks.living[$0.key] == nil && waiters.threadIndex[$0.key] == nil
                        && restless[$0.key] == nil
                }
                begun.merge(new) { _, new in new }
                restless.merge(scanRegisters(ofThreadsOn: new, surroundings)) { _, new in new }
            }
            for stack in restless.values {
                for range in RootMemory.resident(in: stack) { marker.scan(range) }
            }
            if round % 8 == 4 {
                var registers = surroundings.registersNow(without: asleep)
                registers.add(surroundings.registers(of: Array(begun.keys)))
                for (thread, words) in registers.words where waiters.threadIndex[thread] == nil {
                    for word in words { marker.scan(word: word) }
                    // Deeper than before.
                    if let stack = restless[thread], let end = registers.stackEnds[thread], end < stack.lowerBound,
                        let whole = (surroundings.stacks.living[thread] ?? begun[thread])?.range, whole.contains(end)
                    {
                        restless[thread] = end..<stack.upperBound
                    }
                }
                betweenRounds()
            }
            marker.drain()
        }
    }

    /// Neighbours together, but not many: order matters.
    private static func runs(of pages: [UInt]) -> [Range<UInt>] {
        var runs: [Range<UInt>] = []
        for page in pages {
            if let last = runs.last, last.upperBound == page, last.count < longestRun {
                runs[runs.count - 1] = last.lowerBound..<page + 4096
            } else {
                runs.append(page..<page + 4096)
            }
        }
        return runs
    }

    private static let longestRun = 16 * 4096

    /// The stacks of threads that run, or whose stacks changed between two readings, as far as they are in use.
    private func restlessStacks(_ surroundings: Surroundings, _ waiters: ProcessWaiters, _ pages: [UInt])
        -> [Int32: Range<UInt>]
    {
        var stacks: [Int32: Range<UInt>] = [:]
        let running = Set(surroundings.threads.others.filter { $0.stackPointer == nil }.map(\.id))
        for (thread, stack) in surroundings.stacks.living
        where thread != surroundings.threads.own && waiters.threadIndex[thread] == nil {
            let first = pages.partitioningIndex { $0 >= stack.range.lowerBound & ~4095 }
            guard running.contains(thread) || first < pages.count && pages[first] < stack.range.upperBound else {
                continue
            }
            let end = surroundings.registers.stackEnds[thread] ?? 0
            stacks[thread] = stack.range.contains(end) ? end..<stack.range.upperBound : stack.range
        }
        return stacks
    }
}

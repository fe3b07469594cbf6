// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The process as the fixpoint sees it: what is awake is marked from, and what belongs to a waiter is left out until it wakes.
import HeapProfile
import LeakDetection
import ProcessSnapshot

/// Marks this process's memory for one scan.
struct MarkedProcess: ReachableMemory {
    /// What one reading of the roots is.
    enum Reading {
        /// Everything for the first time.
        case first(Surroundings)
        /// Everything that was read before once more, for what changed.
        case again(Surroundings)
        /// Only what changes, many times, and the registers of those who run. Not of `asleep`, who may be disturbed by nothing.
        case changing(Surroundings, pages: [UInt], asleep: Set<Int32>)
        /// Nothing new: only who has been reached so far.
        case nothing
        /// Nothing new, but handles count as references.
        case handles
    }

    let marker: HeapMarker
    var waiters: ProcessWaiters
    var reading: Reading
    var failure: String? { awake.failure }
    /// Whether somebody awake has a handle of a task that waits.
    var knowsHandles: Bool { !handled.isEmpty }

    let memory: WaiterMemory
    private var awake: AwakeMemory
    var cancellations: Cancellations
    var frames: SleepingFrames
    /// Blocks of tasks that went on, of which only what is in use is looked at.
    var partlyOpen: Set<UInt> = []
    /// Those whose frames have been looked at in this reading.
    var lookedInto: Set<Int> = []
    private let references: StaleReferences
    private var handlesCount = false
    /// Tasks of which somebody awake has a handle.
    private var handled: Set<UInt> = []
    private(set) var registers = ThreadRegisters()
    /// Of the last reading but the first.
    private(set) var now: Surroundings?
    var reachedBefore: Set<Int>
    private var touchedStacks: Set<Int> = []

    init(
        _ marker: HeapMarker, _ waiters: ProcessWaiters, _ tasks: [TaskLook], _ surroundings: Surroundings,
        ownStackFrom: UInt
    ) {
        self.marker = marker
        self.waiters = waiters
        reading = .first(surroundings)
        memory = WaiterMemory(marker, waiters, tasks, surroundings)
        awake = AwakeMemory(marker, ownStackFrom: ownStackFrom)
        reachedBefore = memory.inRoots
        cancellations = Cancellations(
            tasks, waiting: { waiters.taskIndex[$0] != nil },
            sleeping: Set(waiters.taskIndex.keys).union(waiters.runningTasks.map(\.task.address)))
        frames = SleepingFrames(waiters, memory)
        references = StaleReferences(waiters, tasks, surroundings, inner: memory.innerRanges)
        marker.counts = references.counts
    }

    // MARK: ReachableMemory

    mutating func markFromRoots() -> [Int] {
        let touched = touchedStacks
        var reached: [Int] = []
        touchedStacks = []
        switch reading {
        case .first(let surroundings):
            marker.setHollow(surroundings.keptObjects)
            awake.scan(surroundings, waiters)
        case .nothing: break
        case .handles:
            let waiting = handled.compactMap { waiters.taskIndex[$0] }
            handlesCount = true
            reachedBefore.formUnion(waiting)
        case .again(let surroundings):
            now = surroundings
            registers = surroundings.registers
            marker.newPagesAreHot = true
            marker.setHollow(surroundings.keptObjects.union(partlyOpen))
            marker.requeue()
            awake.scan(surroundings, waiters)
            // What leads there is not looked at again where it did not change.
            for waiter in touched { readStack(of: waiter, &reached) }
            readFramesAgain(&reached)
        case .changing(let surroundings, let pages, let asleep):
            awake.frames = frames.ranges
            let partlyOpen = partlyOpen
            awake.scanChanging(surroundings, waiters, asleep: asleep, pages: pages) {
                // What was kept then may be in use now.
                marker.setHollow(
                    surroundings.keptObjects.intersection(surroundings.keptObjectsNow()).union(partlyOpen))
            }
        }
        reached += apply(cancellations.begin())
        reachedBefore.formUnion(reached)
        return Array(reachedBefore) + settle()
    }

    mutating func markFrom(_ woken: [Int]) -> [Int] {
        var reached: [Int] = []
        readRegisters(of: woken)
        for waiter in woken {
            openFrames(of: waiter, &reached)
            switch waiters.waiters[waiter] {
            case .thread:
                readStack(of: waiter, &reached)
                for (task, thread) in waiters.runningTasks where thread == waiter {
                    reached += apply(cancellations.wake(task.address))
                }
            case .task(let task): reached += apply(cancellations.wake(task.address))
            }
        }
        return reached + settle()
    }

    private mutating func readStack(of waiter: Int, _ reached: inout [Int]) {
        guard touchedStacks.insert(waiter).inserted, let stack = memory.stackOfWaiter[waiter] else { return }
        marker.scan(stack)
        if let storage = memory.storageOfWaiter[waiter] { marker.scan(storage) }
        reached += memory.waiters(onStackOf: waiter)
    }

    /// What only registers of those who wake refer to. In the first reading nobody is disturbed: who is not reached then is not
    /// accused, but looked at once more.
    private mutating func readRegisters(of woken: [Int]) {
        guard let now else { return }
        let threads = woken.compactMap { waiter -> Int32? in
            if case .thread(let thread) = waiters.waiters[waiter] { thread.id } else { nil }
        }
        let unread = threads.filter { registers.words[$0] == nil && registers.refusals[$0] == nil }
        if !unread.isEmpty { registers.add(now.registers(of: unread)) }
        for thread in threads {
            for word in registers.words[thread] ?? [] { marker.scan(word: word) }
            if let reason = registers.refusals[thread] {
                awake.note("thread \(thread) may have a reference: \(reason)")
            }
        }
    }

    /// Marks on until nothing more is reached; returns the waiters that were.
    private mutating func settle() -> [Int] {
        var reached: [Int] = []
        while true {
            marker.drain()
            let addresses = marker.takeReached()
            let handles = references.takeHandles().subtracting(handled)
            if addresses.isEmpty && handles.isEmpty { break }
            for address in addresses { resolve(address, &reached) }
            handled.formUnion(handles)
            for task in handles {
                if handlesCount, let waiter = waiters.taskIndex[task] { reached.append(waiter) }
                reached += apply(cancellations.reach(task))
            }
        }
        reachedBefore.formUnion(reached)
        return reached
    }

    private mutating func resolve(_ address: UInt, _ reached: inout [Int]) {
        if let watching = memory.watchers[address] { reached += watching }
        if let task = memory.task(at: address) {
            if let waiter = waiters.taskIndex[task] { reached.append(waiter) }
            reached += apply(cancellations.reach(task))
            return
        }
        // Somebody awake has a pointer into a stack or a frame: what lies there is reached, though its owner still waits.
        if let waiter = memory.stack(at: address) {
            readStack(of: waiter, &reached)
        } else if let block = marker.block(containing: address), marker.isGated(block.lowerBound) {
            openPart(at: address, of: block, &reached)
        } else if let block = marker.block(containing: address), !marker.isReached(block.lowerBound) {
            // Of a task in a block of another one that is awake.
            marker.open(block.lowerBound)
        }
    }
}

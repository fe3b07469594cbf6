// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The way back from what a waiter waits on to somebody who is awake: over references as the marker first found them, so that no
// step leads in a circle, and over waiters that wake because others do.
import HeapProfile
import LeakDetection
import ProcessSnapshot

/// Who could wake one waiter, as addresses and numbers: words are found for it once the scan is over.
struct LeakTrail {
    /// One that is asked about.
    enum Subject {
        case waiter(ProcessWaiter)
        case otherThread(Int32)
        case otherTask(TaskSnapshot)
    }

    enum Step {
        /// What the waiter waits on, reached by the step that follows.
        case primitive(ProcessWaiter)
        /// It waits for another waiter, the step that follows, or for whom the wait itself names.
        case waits(ProcessWaiter)
        /// Has gone on since.
        case woken(ProcessWaiter)
        case block(Range<UInt>, offset: UInt)
        case frames(TaskSnapshot)
        case stack(Int32, location: UInt)
        case storage(Int32)
        case register(Int32)
        case callArgument(Int32)
        case kernel
        case variable(UInt)
        case lost
        /// So many steps are left out here.
        case omitted(Int)
    }

    /// Those with the number that was asked for: none, one, or a thread and a task.
    private(set) var subjects: [Subject] = []
    /// From what is waited on back to who is awake; empty where the subject is leaked or is no waiter.
    private(set) var steps: [Step] = []
    private(set) var isLeaked = false

    /// Of a longer trail the middle is left out.
    private static let shown = 64
    private static let longest = 100_000

    init(
        _ asked: WaiterID, _ waiters: ProcessWaiters, _ tasks: [TaskLook], _ memory: MarkedProcess,
        _ first: Surroundings, leaked: Set<Int>, ownStackFrom: UInt
    ) {
        var found: [Int] = []
        if asked.admits(.thread), let thread = Int32(exactly: asked.id) {
            if let index = waiters.threadIndex[thread] {
                subjects.append(.waiter(waiters.waiters[index]))
                found.append(index)
            } else if first.threads.blocked.contains(where: { $0.id == thread })
                || first.threads.others.contains(where: { $0.id == thread })
            {
                subjects.append(.otherThread(thread))
            }
        }
        if asked.admits(.task), let task = tasks.first(where: { $0.id == asked.id }) {
            if let index = waiters.taskIndex[task.address] {
                subjects.append(.waiter(waiters.waiters[index]))
                found.append(index)
            } else {
                subjects.append(.otherTask(task.snapshot))
            }
        }
        guard subjects.count == 1, let waiter = found.first else { return }
        isLeaked = leaked.contains(waiter)
        guard !isLeaked else { return }
        var way = Way(
            waiters: waiters, memory: memory, surroundings: memory.now ?? first, leaked: leaked,
            ownStackFrom: ownStackFrom)
        way.follow(waiter)
        steps = way.steps
        if steps.count > Self.shown {
            let half = Self.shown / 2
            steps = steps.prefix(half) + [.omitted(steps.count - 2 * half)] + steps.suffix(half)
        }
    }

    private struct Way {
        let waiters: ProcessWaiters
        let memory: MarkedProcess
        let surroundings: Surroundings
        let leaked: Set<Int>
        let ownStackFrom: UInt
        var steps: [Step] = []
        private var blocks: Set<UInt> = []
        private var seen: Set<Int> = []

        init(
            waiters: ProcessWaiters, memory: MarkedProcess, surroundings: Surroundings, leaked: Set<Int>,
            ownStackFrom: UInt
        ) {
            self.waiters = waiters
            self.memory = memory
            self.surroundings = surroundings
            self.leaked = leaked
            self.ownStackFrom = ownStackFrom
        }

        mutating func follow(_ first: Int) {
            var next: Int? = first
            while let waiter = next, seen.insert(waiter).inserted, steps.count < LeakTrail.longest {
                next = step(from: waiter)
            }
        }

        /// Adds the steps to the next waiter, which is returned, or to the end.
        private mutating func step(from waiter: Int) -> Int? {
            let subject = waiters.waiters[waiter]
            switch waiters.graph.wakers[waiter] {
            case .oneOf([.awake]) where !subject.isStillThere:
                steps.append(.woken(subject))
                return nil
            case .anyoneWhoReachesIt:
                steps.append(.primitive(subject))
                return origin(ofWaiter: waiter, subject)
            case .holder(let party):
                steps.append(.waits(subject))
                return awake(among: [party])
            case .oneOf(let parties):
                steps.append(.waits(subject))
                return awake(among: parties)
            case .nobody: return nil
            }
        }

        /// One that is no waiter is told by the wait itself.
        private func awake(among parties: [WaitGraph.Party]) -> Int? {
            if parties.contains(.awake) { return nil }
            for case .waiter(let other) in parties where !leaked.contains(other) && !seen.contains(other) {
                return other
            }
            return nil
        }

        private mutating func origin(ofWaiter waiter: Int, _ subject: ProcessWaiter) -> Int? {
            switch subject {
            case .thread(let thread):
                if let block = memory.marker.block(containing: thread.futex) {
                    return reference(to: block, orAt: thread.futex, of: waiter)
                }
                return root(thread.futex, target: thread.futex..<thread.futex + 1, of: waiter)
            case .task(let task):
                return reference(to: task.address..<task.address + task.objectSize, orAt: task.address, of: waiter)
            }
        }

        private mutating func reference(to first: Range<UInt>, orAt place: UInt, of waiter: Int) -> Int? {
            var target = first
            var own: UInt = 0
            while steps.count < LeakTrail.longest {
                guard let (location, block) = memory.marker.origin(within: target, notFrom: own) else {
                    // Nothing refers to it: it lies in memory that is a waiter's, or awake, itself.
                    if let owner = owner(of: place), !leaked.contains(owner) {
                        steps.append(frames(owner))
                        return owner
                    }
                    steps.append(.lost)
                    return nil
                }
                guard block != 0 else { return root(location, target: target, of: waiter) }
                let range = memory.marker.block(startingAt: block) ?? block..<block + 16
                if let owner = owner(ofBlock: block) {
                    steps.append(frames(owner))
                    // Its own frames are looked at while it waits only because somebody has a pointer into them.
                    if owner != waiter, !leaked.contains(owner) { return owner }
                    own = block
                } else {
                    steps.append(.block(range, offset: location - min(location, block)))
                }
                guard blocks.insert(block).inserted else { return nil }
                target = range
            }
            return nil
        }

        private func frames(_ owner: Int) -> Step {
            switch waiters.waiters[owner] {
            case .task(let task): .frames(task.snapshot)
            case .thread(let thread): .stack(thread.id, location: 0)
            }
        }

        private func owner(ofBlock block: UInt) -> Int? {
            memory.memory.blocksOfWaiter.first { $0.value.contains(block) }?.key
        }

        private func owner(of place: UInt) -> Int? {
            memory.marker.block(containing: place).flatMap { owner(ofBlock: $0.lowerBound) }
        }

        /// A reference outside of the heap.
        private mutating func root(_ location: UInt, target: Range<UInt>, of waiter: Int) -> Int? {
            if let own = surroundings.stacks.living[surroundings.threads.own], own.range.contains(location),
                location < min(ownStackFrom, own.record)
            {
                return word(target)
            }
            for (thread, stack) in surroundings.stacks.living
            where stack.range.contains(location) || stack.storage.contains(location) {
                let isStorage = location >= stack.record || stack.storage.contains(location)
                steps.append(isStorage ? .storage(thread) : .stack(thread, location: location))
                guard let owner = waiters.threadIndex[thread] else { return nil }
                if owner != waiter, !leaked.contains(owner) { return owner }
                // It sleeps for ever, and somebody awake has a pointer into its stack.
                guard blocks.insert(stack.range.lowerBound).inserted else { return nil }
                return reference(to: stack.range, orAt: location, of: waiter)
            }
            steps.append(.variable(location))
            return nil
        }

        /// A word that was in no memory when it was looked at.
        private mutating func word(_ target: Range<UInt>) -> Int? {
            func leads(_ word: UInt) -> Bool { target.contains(word & 0x00ff_ffff_ffff_fff8) }
            if surroundings.kernel.words.contains(where: leads) {
                steps.append(.kernel)
                return nil
            }
            for registers in [memory.registers, surroundings.registers] {
                for (thread, words) in registers.words where words.contains(where: leads) {
                    steps.append(.register(thread))
                    return waiters.threadIndex[thread].flatMap { leaked.contains($0) ? nil : $0 }
                }
            }
            for thread in surroundings.threads.others
            where (thread.arguments + [thread.stackPointer ?? 0]).contains(where: leads) {
                steps.append(.callArgument(thread.id))
                return nil
            }
            steps.append(.lost)
            return nil
        }
    }
}

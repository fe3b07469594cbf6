// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What belongs to waiters is left out until they wake: stacks of threads, and the blocks of tasks and their frames, which the
// marker is told to gate.
import HeapProfile
import ProcessSnapshot

/// Which memory belongs to which waiter, and which memory a waiter waits on.
struct WaiterMemory {
    /// A word on the stack of a waiting thread that somebody waits on.
    private struct StackWord {
        let waiter: Int
        let owner: Int
    }

    /// In order of address. To the thread's record: what lies behind it is reached by other ways too.
    private var stacks: [(touch: Range<UInt>, waiter: Int)] = []
    private var tasks: [Range<UInt>] = []
    private var stackWords: [StackWord] = []
    /// Waiters whose primitive lies in a root.
    private(set) var inRoots: Set<Int> = []
    /// Waiters by the block that they wait on something in.
    private(set) var watchers: [UInt: [Int]] = [:]
    /// All of a waiter's stack that is in use, with its thread-local storage.
    private(set) var stackOfWaiter: [Int: Range<UInt>] = [:]
    /// Of one whose thread-local storage is no part of its stack.
    private(set) var storageOfWaiter: [Int: Range<UInt>] = [:]
    /// Memory of tasks that lie in blocks of others who are awake: async lets do.
    private(set) var innerRanges: [UInt: [Range<UInt>]] = [:]
    private(set) var blocksOfWaiter: [Int: [UInt]] = [:]

    init(_ marker: HeapMarker, _ waiters: ProcessWaiters, _ tasks: [TaskLook], _ surroundings: Surroundings) {
        let gatedTasks = Set(waiters.taskIndex.keys).union(waiters.runningTasks.map(\.task.address))
        // What belongs to a task that is awake is looked at like any other memory, also where others' frames lie in it.
        var awakeBlocks: Set<UInt> = []
        for task in tasks where !gatedTasks.contains(task.address) {
            for address in [task.address] + task.slabs {
                if let block = marker.block(containing: address) { awakeBlocks.insert(block.lowerBound) }
            }
        }
        for (index, waiter) in waiters.waiters.enumerated() {
            switch waiter {
            case .thread(let thread): add(thread, index, marker, waiters, surroundings)
            case .task(let task):
                self.tasks.append(task.address..<task.address + task.objectSize)
                if !add(task, index, marker, awakeBlocks) { inRoots.insert(index) }
            }
        }
        for (task, thread) in waiters.runningTasks where add(task, thread, marker, awakeBlocks) {
            self.tasks.append(task.address..<task.address + task.objectSize)
        }
        self.tasks.sort { $0.lowerBound < $1.lowerBound }
        stacks.sort { $0.touch.lowerBound < $1.touch.lowerBound }
        // An async let of an async let lies in the first one's.
        marker.gate(ranges: stacks.map(\.touch) + AddressRanges(Array(innerRanges.values.joined())).ranges)
    }

    private mutating func add(
        _ thread: BlockedThread, _ index: Int, _ marker: HeapMarker, _ waiters: ProcessWaiters,
        _ surroundings: Surroundings
    ) {
        if let stack = surroundings.stacks.living[thread.id] {
            let from = max(stack.range.lowerBound, thread.stackPointer)
            stacks.append((from..<max(from, stack.record), index))
            let used = max(stack.range.lowerBound, thread.stackPointer &- thread.redZone)
            if !stack.storage.isEmpty { storageOfWaiter[index] = stack.storage }
            stackOfWaiter[index] = used..<max(used, stack.range.upperBound)
        }
        // A lock's holder, a queue's and a join's thread act without reaching anything; `holder` also needs the word reached.
        if let block = marker.block(containing: thread.futex) {
            marker.watch(block.lowerBound)
            watchers[block.lowerBound, default: []].append(index)
        } else if let owner = surroundings.stacks.thread(at: thread.futex), let owner = waiters.threadIndex[owner] {
            stackWords.append(StackWord(waiter: index, owner: owner))
        } else {
            inRoots.insert(index)
        }
    }

    /// Returns whether references to the task can be told.
    private mutating func add(_ task: TaskLook, _ index: Int, _ marker: HeapMarker, _ awakeBlocks: Set<UInt>) -> Bool {
        var isOwn = false
        for address in [task.address] + task.slabs {
            guard let place = marker.block(containing: address) else { continue }
            let block = place.lowerBound
            if address == task.address { isOwn = true }
            if awakeBlocks.contains(block) {
                if innerRanges[task.address] == nil { innerRanges[task.address] = task.ranges(in: place) }
                continue
            }
            if !marker.isGated(block) { marker.gate(place) }
            if blocksOfWaiter[index]?.contains(block) != true { blocksOfWaiter[index, default: []].append(block) }
        }
        return isOwn
    }

    /// Those who wait on words of this waiter's stack.
    func waiters(onStackOf owner: Int) -> [Int] { stackWords.filter { $0.owner == owner }.map(\.waiter) }

    /// The sleeping task whose object has `address`.
    func task(at address: UInt) -> UInt? {
        let index = tasks.partitioningIndex { $0.upperBound > address }
        guard index < tasks.count, tasks[index].contains(address) else { return nil }
        return tasks[index].lowerBound
    }

    /// The waiting thread whose stack has `address`.
    func stack(at address: UInt) -> Int? {
        let index = stacks.partitioningIndex { $0.touch.upperBound > address }
        guard index < stacks.count, stacks[index].touch.contains(address) else { return nil }
        return stacks[index].waiter
    }
}

extension Array {
    /// The first place whose element fits, where all behind it do too.
    func partitioningIndex(_ fits: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if fits(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import HeapProfile
import ProcessSnapshot

// What counts of the frames of tasks, and of what their cancellation handlers were given.
extension MarkedProcess {
    /// The waiter goes on: what is its own counts.
    mutating func openFrames(of waiter: Int, _ reached: inout [Int]) {
        if case .task(let task) = waiters.waiters[waiter] {
            for range in memory.innerRanges[task.address] ?? [] { marker.scan(range) }
        }
        guard let blocks = memory.blocksOfWaiter[waiter] else { return }
        for block in blocks { reached += memory.watchers[block] ?? [] }
        guard lookedInto.insert(waiter).inserted else { return }
        let extents = blocks.compactMap { marker.extent(ofGated: $0) }
        guard extents.count == blocks.count, let used = frames.used(by: waiter, marker)
        else {
            for block in blocks { openWhole(block, &reached, by: waiter) }
            return
        }
        // First, as most words of frames lead to other frames of the same task.
        for block in blocks where frames.isAlone(in: block) {
            marker.hollowOut(block)
            partlyOpen.insert(block)
        }
        for (start, words) in used {
            guard let block = extents.first(where: { $0.contains(start) }) else { continue }
            marker.scan(words, copiedFrom: start, of: block)
        }
    }

    /// All of the block counts. Where there are tasks in it that sleep, references to those are to be reported still.
    private mutating func openWhole(_ block: UInt, _ reached: inout [Int], by waiter: Int? = nil) {
        partlyOpen.remove(block)
        reached += memory.watchers[block] ?? []
        if frames.tasks(in: block).allSatisfy({ $0 == waiter }) {
            marker.open(block)
        } else if let extent = marker.extent(ofGated: block), frames.askWhole(extent) {
            marker.scan(extent, of: extent)
        }
    }

    /// Somebody awake has `address` in the frames of one who sleeps: that part counts. Returns false where all of them do.
    @discardableResult
    mutating func openPart(
        at address: UInt, of block: Range<UInt>, isContext: Bool = false, _ reached: inout [Int]
    ) -> Bool {
        guard let parts = frames.part(at: address, in: block.lowerBound, isContext: isContext, marker) else {
            openWhole(block.lowerBound, &reached)
            return false
        }
        for part in parts { marker.scan(part, of: block) }
        reached += memory.watchers[block.lowerBound] ?? []
        return true
    }

    /// What has changed since the last reading is looked at whole.
    mutating func readFramesAgain(_ reached: inout [Int]) {
        lookedInto = []
        frames.readAgain()
        for block in frames.wholes { marker.scan(block, of: block) }
        for (address, start, isContext) in frames.asked {
            guard let block = marker.extent(ofGated: start) else { continue }
            openPart(at: address, of: block, isContext: isContext, &reached)
        }
        reached += apply(cancellations.again())
    }

    /// What handlers were given counts. Returns the waiters of whose handlers it is not known what they were.
    mutating func apply(_ handlers: [Cancellations.Handlers]) -> [Int] {
        var reached: [Int] = []
        for handlers in handlers {
            let waiter = waiters.taskIndex[handlers.task]
            var isKnown = !handlers.isIncomplete
            for context in handlers.contexts where !follow(context, of: handlers.task, &reached) { isKnown = false }
            if let waiter, !isKnown { reached.append(waiter) }
        }
        reachedBefore.formUnion(reached)
        return reached
    }

    /// Returns whether it is known what a handler of this task reaches with this context: a block of the heap, or a closure's
    /// captures in the task's own frames, as handlers do not outlive the call that they are given to.
    private mutating func follow(_ context: UInt, of task: UInt, _ reached: inout [Int]) -> Bool {
        guard let block = marker.block(containing: context), memory.innerRanges[task] == nil else {
            marker.scan(word: context)
            return false
        }
        // A closure that has captured one object alone has that for its context: another task, as it may be.
        guard marker.isGated(block.lowerBound), memory.task(at: context) == nil else {
            marker.scan(word: context)
            return true
        }
        return openPart(at: context, of: block, isContext: true, &reached)
    }
}

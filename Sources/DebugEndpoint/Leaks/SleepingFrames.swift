// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// How far the frames of suspended tasks are looked at. Of one that sleeps: the allocation that somebody awake has a pointer into, as
// its cancellation handler has into the frame that the closure was made in. Of one that goes on: what is in use. A task that may
// have run meanwhile is looked at whole, as what lies behind its frames may have been in use then.
import HeapProfile
import ProcessSnapshot

/// The frames of those tasks whose memory is told apart allocation by allocation. For one scan.
struct SleepingFrames {
    /// A part that was asked for.
    private struct Part: Hashable {
        let address: UInt
        let block: UInt
        let isContext: Bool
    }

    /// Each costs some microseconds a reading, and what lies behind frames can only hide leaks.
    private static let most = 1 << 14

    private struct Sleeper {
        let task: TaskLook
        /// The block that its object lies in.
        let block: UInt
    }

    private let tasks: [Int: Sleeper]
    private let sleepers: Set<Int>
    /// Waiters by the blocks that their memory lies in.
    private var owners: [UInt: [Int]] = [:]
    private var frames: [Int: TaskFrames] = [:]
    private var fingerprints: [Int: Int] = [:]
    /// Those whose memory is not what it was, or has not the shape that is known.
    private var restless: Set<Int> = []
    private var parts: Set<Part> = []
    /// Blocks that were asked for whole.
    private(set) var wholes: Set<Range<UInt>> = []
    /// From where on each allocation has been given out in this reading.
    private var given: [Range<UInt>: UInt] = [:]
    /// What has been given out of tasks that sleep.
    private(set) var ranges: [Range<UInt>] = []

    init(_ waiters: ProcessWaiters, _ memory: WaiterMemory) {
        var tasks: [Int: Sleeper] = [:]
        for (index, blocks) in memory.blocksOfWaiter {
            for block in blocks { owners[block, default: []].append(index) }
            // Of its blocks the first has its object.
            guard case .task(let task) = waiters.waiters[index], memory.innerRanges[task.address] == nil,
                let block = blocks.first
            else { continue }
            tasks[index] = Sleeper(task: task, block: block)
        }
        self.tasks = tasks
        sleepers = Set(waiters.taskIndex.values)
    }

    /// A new reading begins: what was given out is to be looked at again.
    mutating func readAgain() {
        frames = [:]
        given = [:]
        ranges = Array(wholes)
    }

    /// Everything that was asked for so far.
    var asked: [(address: UInt, block: UInt, isContext: Bool)] { parts.map { ($0.address, $0.block, $0.isContext) } }

    /// Returns whether it is for the first time that all of this block is looked at.
    mutating func askWhole(_ block: Range<UInt>) -> Bool {
        guard wholes.insert(block).inserted else { return false }
        ranges.append(block)
        return true
    }

    /// Whether only one waiter's memory lies in this block.
    func isAlone(in block: UInt) -> Bool { owners[block]?.count == 1 }

    /// The waiters that are tasks with memory in this block.
    func tasks(in block: UInt) -> [Int] { (owners[block] ?? []).filter(sleepers.contains) }

    /// What is in use of the frames of a task that goes on; nil where all of its memory counts.
    mutating func used(by waiter: Int, _ marker: HeapMarker) -> [(start: UInt, words: ArraySlice<UInt>)]? {
        guard fingerprints[waiter] != nil || fingerprints.count < Self.most else { return nil }
        return look(waiter, marker)?.used
    }

    /// What somebody may look at who has `address` in `block`: nothing where the memory is nobody's or was given out before, nil where
    /// that cannot be told. As the context of a closure it begins there; else all of the allocation counts.
    mutating func part(at address: UInt, in block: UInt, isContext: Bool, _ marker: HeapMarker) -> [Range<UInt>]? {
        guard let owners = owners[block] else { return nil }
        var found: (range: Range<UInt>, frames: TaskFrames)?
        var isDead = false
        for owner in owners {
            guard let frames = current(owner, marker) else { return nil }
            switch frames.place(of: address) {
            case .allocation(let range):
                // An async let lies, with all of its frames, in an allocation of its parent's.
                if range.count < found?.range.count ?? .max { found = (range, frames) }
            case .dead: isDead = true
            case nil: break
            }
        }
        guard let found else { return isDead ? [] : nil }
        parts.insert(Part(address: address, block: block, isContext: isContext))
        let range = found.range
        let from = isContext ? max(address & ~7, range.lowerBound) : range.lowerBound
        let until = given[range] ?? range.upperBound
        guard from < until else { return [] }
        given[range] = from
        let parts = Self.parts(of: from..<until, in: range, found.frames)
        ranges += parts
        return parts
    }

    private static func parts(of range: Range<UInt>, in allocation: Range<UInt>, _ frames: TaskFrames) -> [Range<UInt>]
    {
        var parts: [Range<UInt>] = []
        var start = range.lowerBound
        for (index, word) in ProcessMemory.words(range.lowerBound, count: range.count / 8).enumerated() {
            let location = range.lowerBound + UInt(index) * 8
            guard frames.isLink(word, at: location, in: allocation) else { continue }
            if start < location { parts.append(start..<location) }
            start = location + 8
        }
        if start < range.upperBound { parts.append(start..<range.upperBound) }
        return parts
    }

    private mutating func current(_ waiter: Int, _ marker: HeapMarker) -> TaskFrames? {
        if let known = frames[waiter] { return known }
        frames[waiter] = look(waiter, marker)
        return frames[waiter]
    }

    private mutating func look(_ waiter: Int, _ marker: HeapMarker) -> TaskFrames? {
        guard !restless.contains(waiter), let sleeper = tasks[waiter],
            let block = marker.extent(ofGated: sleeper.block), let now = TaskFrames(of: sleeper.task, in: block),
            now.fingerprint == fingerprints[waiter] ?? now.fingerprint
        else {
            restless.insert(waiter)
            return nil
        }
        fingerprints[waiter] = now.fingerprint
        return now
    }
}

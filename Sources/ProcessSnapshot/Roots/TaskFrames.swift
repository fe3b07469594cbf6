// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The memory of a suspended task, as its allocator has it: slabs, each in use from its beginning to where its record says, and in
// them allocations that know the one before. Each is a frame, a status record, or a value of unknown size. What lies behind
// is left over from calls that have returned. Source: swiftlang/swift, stdlib/public/runtime/StackAllocator.h, 6.3.

/// What of a suspended task's memory is in use. A copy of one moment; nothing is known of a task that has gone on since.
package struct TaskFrames: Sendable {
    private enum Field {
        // Words.
        static let lastAllocation = 14
        static let firstSlab = 15
        // Bytes.
        static let slabHeader: UInt = 32
        /// As the runtime makes them, unless a frame needs more.
        static let usualSlab = 1016
        static let allocationHeader: UInt = 16
        /// Of slabs all in all, and of what lies before the first: more is not the shape that is known.
        static let mostBytes = 1 << 22
        static let mostBeginning: UInt = 1 << 16
        static let mostCopied = 1 << 17
    }

    private struct Slab {
        let start: UInt
        let words: [UInt]
        /// Behind its header.
        let used: UInt

        var content: UInt { start + Field.slabHeader }
        var end: UInt { content + used }
        subscript(address: UInt) -> UInt { words[Int(address - start) / 8] }
    }

    private let objectEnd: UInt
    /// Where the frame that it began with ends.
    private let beginningEnd: UInt
    /// In order of address, each from its header on.
    private let allocations: [Range<UInt>]
    private let dead: [Range<UInt>]
    /// The contexts that the task goes on through, from the innermost: each one's caller. Not told by what memory looks like, as
    /// a closure's context begins with words that nobody has written.
    private let callers: [UInt: UInt]
    /// What counts when the task goes on, copied: its object, the frame that it began with, and slabs as far as they are in use.
    package let used: [(start: UInt, words: ArraySlice<UInt>)]
    /// Of all of its memory, so that two that are the same say that the task did not run between.
    package let fingerprint: Int

    /// Nil where the task has gone on, or its memory has another shape than is known. `block` is that of malloc in which the task's
    /// object lies. Cost: a system call for each slab, and two.
    package init?(of task: TaskLook, in block: Range<UInt>) {
        guard task.core.status & (TaskLayout.Status.running | TaskLayout.Status.enqueued) == 0 else { return nil }
        let address = task.address
        let first = task.slabs.first ?? 0
        // The first slab lies in what was allocated for the task, or in a block of its own. An async let's object lies in a frame
        // of its parent's, and always with its slab.
        guard let end = block.contains(first) ? first : address == block.lowerBound ? block.upperBound : nil,
            block.contains(address), end >= address + task.objectSize, end - address < Field.mostBeginning
        else { return nil }
        // Mostly all of it: one system call.
        let copied = ProcessMemory.words(address, count: min(Int(block.upperBound - address), Field.mostCopied) / 8)
        let beginning = Array(copied.prefix(Int(end - address) / 8))
        guard beginning.count == Int(end - address) / 8, beginning[Field.firstSlab] == first,
            task.stands(in: beginning),
            let slabs = Self.slabs(from: first, copied.dropFirst(beginning.count)),
            let starts = Self.allocations(from: beginning[Field.lastAllocation], slabs),
            ProcessMemory.words(address, count: TaskLayout.Task.size / 8)[...]
                == beginning.prefix(TaskLayout.Task.size / 8)
        else { return nil }
        var hasher = Hasher()
        hasher.combine(beginning)
        for slab in slabs { hasher.combine(slab.words) }
        fingerprint = hasher.finalize()
        objectEnd = address + task.objectSize
        beginningEnd = end
        callers = Self.callers(from: task.core.resumeContext) { context in
            if (address..<address + UInt(beginning.count) * 8).contains(context) {
                return beginning[Int(context - address) / 8]
            }
            return slabs.first { ($0.content..<$0.end).contains(context) }.map { $0[context] }
        }
        var allocations: [Range<UInt>] = []
        var dead: [Range<UInt>] = []
        var used = [(address, beginning[...])]
        for (slab, starts) in zip(slabs, starts) {
            for (index, start) in starts.enumerated() {
                let end = index + 1 < starts.count ? starts[index + 1] : slab.end
                allocations.append(start..<end)
            }
            used.append((slab.start, slab.words.prefix(Int(slab.end - slab.start) / 8)))
            dead.append(slab.end..<slab.start + UInt(slab.words.count) * 8)
        }
        self.allocations = allocations.sorted { $0.lowerBound < $1.lowerBound }
        self.dead = dead
        self.used = used
    }

    /// `copied` is what has been copied from the first one on.
    private static func slabs(from first: UInt, _ copied: ArraySlice<UInt>) -> [Slab]? {
        var slabs: [Slab] = []
        var next = first
        var bytes = 0
        while next != 0 {
            var words =
                next == first && copied.count >= 4
                ? Array(copied.prefix(Field.usualSlab / 8))
                : ProcessMemory.words(next, count: Field.usualSlab / 8)
            guard words.count >= 4, next % 16 == 0 else { return nil }
            let capacity = Int(words[2] & 0xffff_ffff)
            let used = Int(words[2] >> 32)
            let count = (Int(Field.slabHeader) + capacity) / 8
            bytes += count * 8
            guard used <= capacity, bytes <= Field.mostBytes else { return nil }
            if words.count < count {
                let header = words[..<4]
                words = ProcessMemory.words(next, count: count)
                guard words.count == count, words[..<4] == header else { return nil }
            }
            let following = words[1]
            words.removeLast(words.count - count)
            slabs.append(Slab(start: next, words: words, used: UInt(used)))
            next = following
        }
        return slabs
    }

    /// The allocations of each slab in order, if they fill what is in use of all of them.
    private static func allocations(from last: UInt, _ slabs: [Slab]) -> [[UInt]]? {
        var found = [[UInt]](repeating: [], count: slabs.count)
        var index = slabs.count - 1
        var next = last
        while next != 0 {
            // The one before lies below in the same slab, or in one before that.
            while index >= 0, !(slabs[index].content..<slabs[index].end).contains(next) { index -= 1 }
            guard index >= 0, next % 16 == 0, next + Field.allocationHeader <= slabs[index].end,
                next < found[index].last ?? .max, slabs[index][next + 8] == slabs[index].start
            else { return nil }
            found[index].append(next)
            next = slabs[index][next]
        }
        for (slab, starts) in zip(slabs, found)
        where starts.isEmpty ? slab.used != 0 : starts.last != slab.content { return nil }
        return found.map { $0.reversed() }
    }

    private static func callers(from innermost: UInt, _ word: (UInt) -> UInt?) -> [UInt: UInt] {
        var callers: [UInt: UInt] = [:]
        var next = innermost
        while next % 8 == 0, callers[next] == nil, let caller = word(next) {
            callers[next] = caller
            next = caller
        }
        return callers
    }

    /// What an address in the task's memory leads to.
    package enum Place: Sendable {
        /// An allocation without its header, or the frame that the task began with.
        case allocation(Range<UInt>)
        /// Memory that the allocator has given to nobody.
        case dead
    }

    /// Nil for what lies outside of it, or in its object.
    package func place(of address: UInt) -> Place? {
        if objectEnd <= address, address < beginningEnd { return .allocation(objectEnd..<beginningEnd) }
        if dead.contains(where: { $0.contains(address) }) { return .dead }
        return allocations.range(containing: address).map {
            .allocation(min($0.lowerBound + Field.allocationHeader, $0.upperBound)..<$0.upperBound)
        }
    }

    /// Whether `word`, at `location` in `allocation`, is a frame's link to the frame of its caller or of whom it called, which only
    /// the task itself follows: who has the address of a variable does not get from there to other frames.
    package func isLink(_ word: UInt, at location: UInt, in allocation: Range<UInt>) -> Bool {
        if let caller = callers[word], allocation.contains(caller) { return true }
        return location == allocation.lowerBound && callers[location] == word && callers[word] != nil
    }
}

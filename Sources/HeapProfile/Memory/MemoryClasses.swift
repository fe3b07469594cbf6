// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What the memory of a process is used for, in classes that add up to what is resident.
///
/// Bytes in memory, but where a name says otherwise. Nil is what this process cannot tell.
package struct MemoryClasses: Sendable, Equatable {
    package struct Arena: Sendable, Equatable {
        /// `main`, or the address of the arena's record.
        package let name: String
        package let resident: UInt
        /// Nil without a census.
        package let live: UInt?
        package let retained: UInt?

        package init(name: String, resident: UInt, live: UInt?, retained: UInt?) {
            self.name = name
            self.resident = resident
            self.live = live
            self.retained = retained
        }
    }

    /// Usable bytes of live blocks.
    package internal(set) var live: UInt?
    /// Free bytes inside glibc's arenas.
    package internal(set) var retained: UInt?
    /// What an allocator has, where live and free cannot be told apart; nil where they can.
    package internal(set) var allocator: UInt?
    package internal(set) var stacks: UInt = 0
    /// Of the stacks, those that glibc keeps for new threads; nil where its lists cannot be read.
    package internal(set) var endedStacks: UInt?
    /// What files stand behind, and shared memory.
    package internal(set) var files: UInt = 0
    /// Words between blocks, and the allocator's records.
    package internal(set) var overhead: UInt = 0
    /// The tap's own tables.
    package internal(set) var endpoint: UInt = 0
    /// Variables of the program and its libraries.
    package internal(set) var imageData: UInt = 0
    /// What is left: mapped by the program itself, or not known.
    package internal(set) var rest: UInt = 0
    package internal(set) var resident: UInt = 0

    /// Of live blocks, what is not in memory.
    package internal(set) var liveNotResident: UInt?
    /// All that is mapped, in memory or not.
    package internal(set) var mapped: UInt = 0
    /// Largest first; nil when the allocator is not glibc's.
    package internal(set) var arenas: [Arena]?

    /// Neither live, retained, stacks nor files.
    package var other: UInt { (allocator ?? 0) &+ overhead &+ endpoint &+ imageData &+ rest }

    package init() {}

    /// Gives `rest` what the classes leave of `resident`. Where they have more by no more than `lag`, which is how far the
    /// kernel's own count can be behind, they are right; else they were not read at one instant, and it is taken from the class
    /// that was most likely read too high: retained, then live, then the others.
    mutating func balance(lag: UInt) {
        let sum = (live ?? 0) + (retained ?? 0) + (allocator ?? 0) + stacks + files + overhead + endpoint + imageData
        rest = 0
        guard sum > resident else {
            rest = resident - sum
            return
        }
        guard sum - resident > lag else {
            resident = sum
            return
        }
        var excess = sum - resident
        func reduce(_ value: inout UInt) {
            let part = min(value, excess)
            value -= part
            excess -= part
        }
        func reduce(_ value: inout UInt?) {
            guard var known = value else { return }
            reduce(&known)
            value = known
        }
        reduce(&retained)
        reduce(&live)
        reduce(&allocator)
        reduce(&overhead)
        reduce(&endpoint)
        reduce(&imageData)
        reduce(&stacks)
        reduce(&files)
        endedStacks = endedStacks.map { min($0, stacks) }
    }
}

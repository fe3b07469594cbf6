// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Exactly where the stacks of threads are: the kernel shows neighbouring memory as one mapping, and glibc keeps the stacks of
// threads that have ended for the next ones. A thread's record tells where its stack begins and how long it is, in two words
// after each other that fit to where the record itself lies. Source: glibc, nptl/descr.h (stackblock, stackblock_size, guardsize).
import CStackCapture
import Glibc

/// The stacks of this process's threads. Without those that begin or end meanwhile.
package struct ThreadStacks: Sendable {
    package struct Stack: Sendable {
        /// Without the guard. The record and the thread-local storage lie at its end; the main thread's is only a stack.
        package let range: Range<UInt>
        /// Where the stack itself ends and what else belongs to the thread begins.
        package let record: UInt
        /// The block of the heap in which glibc keeps where the thread-local storage is. The main thread's table is in none.
        package var storageTable: UInt?
        /// The thread-local storage that lies elsewhere: the main thread's; empty where unknown.
        package var storage: Range<UInt> = 0..<0
    }

    /// By kernel thread id.
    package let living: [Int32: Stack]
    /// Of threads that have ended.
    package let ended: [Range<UInt>]

    package var main: Range<UInt> { living[getpid()]?.range ?? 0..<0 }

    /// Whose stack has `address`. Cost: linear.
    package func thread(at address: UInt) -> Int32? {
        living.first { $0.value.range.contains(address) }?.key
    }

    /// Nil where glibc's records could not be followed or understood. Cost: some microseconds a thread.
    package static func current(_ map: MemoryMap) -> ThreadStacks? {
        guard let records = ThreadTables.records() else { return nil }
        var living: [Int32: Stack] = [:]
        var offset: UInt?
        let main = getpid()
        for (id, record) in records.live where id != main {
            living[id] = stack(of: record, &offset)
        }
        if let mapping = map.mappings.last(where: { $0.name == "[stack]" }) {
            let end = UInt(stackcap_main_stack_end())
            living[main] = Stack(
                range: mapping.range, record: mapping.range.contains(end) ? end : mapping.range.upperBound,
                storage: records.live[main].map { storage(of: $0) } ?? 0..<0)
        }
        return ThreadStacks(living: living, ended: records.ended.compactMap { stack(of: $0, &offset)?.range })
    }

    /// From the lowest block of a library that was there from the start to the end of the record: at least so long, glibc 2.34
    /// to 2.43.
    private static func storage(of record: UInt) -> Range<UInt> {
        guard let table = ProcessMemory.load(record &+ 8, as: UInt.self),
            let count = ProcessMemory.load(table &- tableHead, as: UInt.self), count < 1 << 12
        else { return 0..<0 }
        let words = ProcessMemory.words(table &+ tableHead, count: Int(count) * 2)
        let blocks = stride(from: 0, to: words.count, by: 2).map { words[$0] }
        let lowest = blocks.filter { $0 < record && record - $0 < 1 << 16 }.min() ?? record
        return lowest..<record + 0x880
    }

    private static func stack(of record: UInt, _ known: inout UInt?) -> Stack? {
        let words = ProcessMemory.words(record, count: 0x900 / 8)
        if let offset = known { return stack(words, Int(offset) / 8, record) }
        for index in stride(from: 0x400 / 8, to: words.count - 2, by: 1) {
            if let stack = stack(words, index, record) {
                known = UInt(index * 8)
                return stack
            }
        }
        return nil
    }

    /// With the words from `index` on, if they are where the stack begins, its length, and that of its guard.
    private static func stack(_ words: [UInt], _ index: Int, _ record: UInt) -> Stack? {
        guard index + 2 < words.count else { return nil }
        let (start, size, guardSize) = (words[index], words[index + 1], words[index + 2])
        guard start != 0, start & 4095 == 0, size & 4095 == 0, guardSize & 4095 == 0, guardSize < size, size < 1 << 40,
            start &+ guardSize < record, record < start &+ size, start &+ size - record < 1 << 20
        else { return nil }
        return Stack(range: start + guardSize..<start + size, record: record, storageTable: words[1] &- tableHead)
    }

    /// How far into its block the table is that the second word of a record refers to.
    private static let tableHead: UInt = 16
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// glibc keeps the stack of a thread that has ended for the next one, in a third list of records beside those that ThreadTables
// goes through. Where in a record the stack is told is learnt from our own. Source: glibc, nptl/descr.h (stackblock,
// stackblock_size) and ldsodefs.h (_dl_stack_used, _dl_stack_user, _dl_stack_cache, in this order), the same since 2.34.
import Glibc

/// Where the stacks of threads lie that glibc made; the main thread's is not among them.
package struct ThreadStacks: Sendable {
    package let living: [Range<UInt>]
    package let ended: [Range<UInt>]

    /// Threads that start or end meanwhile may be missing. Nil where glibc's lists could not be followed, and on the main
    /// thread, which tells nothing of others' stacks. Takes no lock. Cost: two system calls a thread.
    package static func current() -> ThreadStacks? {
        #if arch(x86_64)  // elsewhere the thread pointer is not the record's address
            let own = UInt(pthread_self())
            guard let idOffset = ThreadTables.idOffset(ofOwnRecord: own),
                let stackOffset = stackOffset(ofOwnRecord: own)
            else { return nil }
            let walk = Walk(idOffset: idOffset, stackOffset: stackOffset)
            guard let (first, head) = walk.follow(own &+ UInt(idOffset) &- 16), let head else { return nil }
            // Our stack is glibc's, so this is the head of those in use; then come those that programs brought themselves,
            // then the kept ones.
            let kept = ThreadTables.isLinked(head &+ 32) ? walk.follow(head &+ 32)?.stacks ?? [] : []
            return ThreadStacks(living: first, ended: kept)
        #else
            return nil
        #endif
    }

    /// The place of three words that say where our stack begins, how long it is, guard included, and how long the guard is.
    private static func stackOffset(ofOwnRecord record: UInt) -> Int? {
        withUnsafeTemporaryAllocation(byteCount: 8, alignment: 8) { local in
            let here = UInt(bitPattern: local.baseAddress)
            return stride(from: 0x100, to: 0x900, by: 8).first {
                let words = ProcessMemory.words(record &+ UInt($0), count: 3)
                guard words.count == 3, words.allSatisfy({ $0 & 4095 == 0 }), words[0] != 0, words[1] < 1 << 40 else {
                    return false
                }
                let end = words[0] &+ words[1]
                // The record lies at the top, above what runs now.
                return words[0] &+ words[2] < here && here < record && record < end && end - record < 1 << 16
            }
        }
    }

    private struct Walk {
        let idOffset: Int
        let stackOffset: Int

        /// Goes once around a list; nil when it cannot be read. The element that is no thread is the head.
        func follow(_ start: UInt) -> (stacks: [Range<UInt>], head: UInt?)? {
            var stacks: [Range<UInt>] = []
            var head: UInt?
            var node = start
            for _ in 0..<ThreadTables.longest {
                let record = node &- UInt(idOffset) &+ 16
                if let stack = stack(of: record) { stacks.append(stack) } else { head = node }
                guard let next = ProcessMemory.load(node, as: UInt.self) else { return nil }
                if next == start { return (stacks, head) }
                node = next
            }
            return nil
        }

        /// A record lies at the top of the stack that it tells of.
        private func stack(of record: UInt) -> Range<UInt>? {
            guard let start = ProcessMemory.load(record &+ UInt(stackOffset), as: UInt.self),
                let count = ProcessMemory.load(record &+ UInt(stackOffset) &+ 8, as: UInt.self),
                start & 4095 == 0, count & 4095 == 0, start != 0, record > start, record - start < count
            else { return nil }
            return start..<start + count
        }
    }
}

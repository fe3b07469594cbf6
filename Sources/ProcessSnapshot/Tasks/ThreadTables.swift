// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// glibc keeps every thread's record, struct pthread, in two circular lists whose heads lie next to each other in the loader's
// data. Our own record tells where in a record the links and the thread's id are, and begins the walk. The lock of the lists is
// not taken: links are read without faults and everything is checked against itself. Source: glibc, nptl/descr.h and
// ldsodefs.h (_dl_stack_used, _dl_stack_user), the same since 2.34.
import CStackCapture
import Glibc

/// The thread-local storage of this process's threads.
enum ThreadTables {
    private static let attempts = 5
    /// Where threads begin and end all the time, most walks go astray.
    private static let patientAttempts = 100
    static let longest = 1 << 17

    /// The address of each thread's DTV, the table of its thread-local blocks, by kernel thread id.
    ///
    /// Threads that start or end meanwhile may be missing. Nil where glibc's lists could not be followed. Cost: one system call
    /// a thread, no pause. Safe from any thread.
    static func current() -> [Int32: UInt]? {
        #if arch(x86_64)  // elsewhere the thread pointer is not the record's address
            let own = UInt(pthread_self())
            guard let idOffset = idOffset(ofOwnRecord: own) else { return nil }
            let ownTable = ProcessMemory.load(own &+ 8, as: UInt.self)
            var found: [Int32: UInt]?
            for _ in 0..<attempts {
                let tables = Walk(idOffset: idOffset).tables(from: own)
                guard tables[stackcap_own_thread()] == ownTable else { continue }
                // Threads that end move to a third list, where a walk that was on them goes astray. Then the main thread is
                // missing; it may also have ended.
                if tables[getpid()] != nil { return tables }
                found = tables
            }
            return found
        #else
            return nil
        #endif
    }

    /// Where the records of threads lie: of those that live by id, and of those that have ended and whose stacks are kept for
    /// the next ones. Nil where glibc's lists could not be followed; that takes some 20 ms to say.
    static func records() -> (live: [Int32: UInt], ended: [UInt])? {
        #if arch(x86_64)
            let own = UInt(pthread_self())
            for attempt in 0..<patientAttempts {
                if attempt >= attempts { usleep(100) }
                guard let idOffset = idOffset(ofOwnRecord: own),
                    let found = Walk(idOffset: idOffset).records(from: own), found.live[stackcap_own_thread()] == own
                else { continue }
                return found
            }
            return nil
        #else
            return nil
        #endif
    }

    /// The id's place in a record: behind two words that are the links of a list.
    static func idOffset(ofOwnRecord record: UInt) -> Int? {
        let id = stackcap_own_thread()
        return stride(from: 0x100, to: 0x600, by: 8).first {
            ProcessMemory.load(record &+ UInt($0), as: Int32.self) == id && isLinked(record &+ UInt($0) &- 16)
        }
    }

    /// Whether this is a link of a list whose neighbours know it.
    static func isLinked(_ node: UInt) -> Bool {
        guard let next = ProcessMemory.load(node, as: UInt.self),
            let previous = ProcessMemory.load(node &+ 8, as: UInt.self)
        else { return false }
        return ProcessMemory.load(next &+ 8, as: UInt.self) == node
            && ProcessMemory.load(previous, as: UInt.self) == node
    }

    private struct Walk {
        let idOffset: Int

        func tables(from own: UInt) -> [Int32: UInt] {
            var tables: [Int32: UInt] = [:]
            guard let head = follow(own &+ UInt(idOffset) &- 16, &tables) else { return tables }
            for other in [head &- 16, head &+ 16] where ThreadTables.isLinked(other) { _ = follow(other, &tables) }
            return tables
        }

        func records(from own: UInt) -> (live: [Int32: UInt], ended: [UInt])? {
            var all: [(id: Int32, record: UInt)] = []
            guard let head = follow(own &+ UInt(idOffset) &- 16, visit: { all.append(($0, $1)) }) else { return nil }
            // Three heads in a row: stacks in use, stacks that users gave, stacks kept for later.
            var first = head
            while head &- first < 32, ThreadTables.isLinked(first &- 16) { first = first &- 16 }
            var heads = [first]
            while heads.count < 3, let last = heads.last, ThreadTables.isLinked(last &+ 16) { heads.append(last &+ 16) }
            guard heads.count == 3 else { return nil }
            for other in heads.dropLast() where other != head { _ = follow(other, visit: { all.append(($0, $1)) }) }
            var kept: [(id: Int32, record: UInt)] = []
            _ = follow(heads[2], visit: { kept.append(($0, $1)) })
            guard kept.allSatisfy({ $0.id <= 0 }) else { return nil }
            let live = Dictionary(all.filter { $0.id > 0 }.map { ($0.id, $0.record) }, uniquingKeysWith: { a, _ in a })
            return (live, kept.map(\.record))
        }

        /// Goes once around; returns the element that is no thread, which is the head.
        private func follow(_ start: UInt, _ tables: inout [Int32: UInt]) -> UInt? {
            follow(start) { id, record in
                if id > 0 { tables[id] = ProcessMemory.load(record &+ 8, as: UInt.self) }
            }
        }

        private func follow(_ start: UInt, visit: (Int32, UInt) -> Void) -> UInt? {
            var head: UInt?
            var node = start
            withUnsafeTemporaryAllocation(byteCount: idOffset + 8, alignment: 8) { record in
                for _ in 0..<ThreadTables.longest {
                    let address = node &- UInt(idOffset) &+ 16
                    let next: UInt?
                    // A record begins with its own address, and has it once more at 16. The table is between.
                    if ProcessMemory.read(address, into: record) == record.count,
                        record.load(as: UInt.self) == address, record.load(fromByteOffset: 16, as: UInt.self) == address
                    {
                        let id = record.load(fromByteOffset: idOffset, as: Int32.self)
                        visit(id, address)
                        next = record.load(fromByteOffset: idOffset - 16, as: UInt.self)
                    } else {
                        head = node
                        next = ProcessMemory.load(node, as: UInt.self)
                    }
                    guard let next, next != start else { break }
                    node = next
                }
            }
            return head
        }
    }
}

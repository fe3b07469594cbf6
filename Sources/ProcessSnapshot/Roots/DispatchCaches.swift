// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// libdispatch keeps objects that carried a block or a job for the next one, with what they carried last: a list for each thread
// that only that thread uses, in its thread-local storage. Objects of timers and of what is enqueued look the same and are on
// no such list. Source: swift-corelibs-libdispatch, src/shims/tsd.h (struct dispatch_tsd) and src/inline_internal.h
// (_dispatch_continuation_free_cacheonly); the place is read from the code of an exported function.
import CStackCapture

/// The objects that libdispatch keeps for later, of threads that sleep.
package enum DispatchCaches {
    private enum Storage {
        static let thread: UInt = 0
        static let cache: UInt = 24
    }

    /// Words of a kept object.
    private enum Kept {
        static let position = 1  // the low half: how many there are from here on
        static let next = 2
    }

    private static let longest = 1024

    /// The kept objects of those of `threads` that sleep. Empty where libdispatch is not there or not as known.
    /// Cost: some microseconds a thread, one system call for each object.
    package static func objects(of threads: [Int32]) -> Set<UInt> {
        guard let place = place(code: UInt(stackcap_dispatch_code())), let tables = ThreadTables.current() else {
            return []
        }
        var objects: Set<UInt> = []
        for thread in threads {
            guard let table = tables[thread], let first = first(of: thread, table, place), first != 0,
                let record = ThreadRecord(thread), case .inCall = record.activity
            else { continue }
            let list = list(from: first)
            // Who runs may be using theirs.
            if self.first(of: thread, table, place) == first, record.isStillThere() { objects.formUnion(list) }
        }
        return objects
    }

    private static func first(of thread: Int32, _ table: UInt, _ place: (module: UInt, offset: UInt)) -> UInt? {
        guard let length = ProcessMemory.load(table &- 16, as: UInt.self), place.module <= length,
            let block = ProcessMemory.load(table &+ place.module &* 16, as: UInt.self), block != 0, block != .max,
            ProcessMemory.load(block &+ place.offset &+ Storage.thread, as: UInt32.self) == UInt32(bitPattern: thread)
        else { return nil }
        return ProcessMemory.load(block &+ place.offset &+ Storage.cache, as: UInt.self)
    }

    /// Each says how many follow: a list that does not is none.
    private static func list(from first: UInt) -> [UInt] {
        var objects: [UInt] = []
        var next = first
        var left: UInt?
        while next != 0 {
            let words = ProcessMemory.words(next, count: 3)
            guard words.count == 3 else { return [] }
            let position = words[Kept.position] & 0xffff_ffff
            guard position > 0, position <= longest, left == nil || position &+ 1 == left else { return [] }
            left = position
            objects.append(next)
            next = words[Kept.next]
        }
        return left ?? 1 == 1 ? objects : []
    }

    /// `lea index(%rip),%rdi; call __tls_get_addr` at the beginning of the function, the index being {module, offset}.
    private static func place(code: UInt) -> (module: UInt, offset: UInt)? {
        #if arch(x86_64)
            guard code != 0 else { return nil }
            let bytes = ProcessMemory.bytes(code, count: 32)
            for start in 0..<16
            where bytes.dropFirst(start).starts(with: [0x48, 0x8d, 0x3d]) && bytes.count >= start + 8 {
                guard bytes[start + 7] == 0xe8 || bytes[start + 7] == 0x66 || bytes[start + 7] == 0xff else { continue }
                let distance = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + 3 + $1]) << UInt32(8 * $1) }
                let index = code &+ UInt(start) &+ 7 &+ UInt(bitPattern: Int(Int32(bitPattern: distance)))
                let words = ProcessMemory.words(index, count: 2)
                guard words.count == 2, words[0] != 0, words[0] < 1 << 16, words[1] < 1 << 20 else { continue }
                return (words[0], words[1])
            }
        #endif
        return nil
    }
}

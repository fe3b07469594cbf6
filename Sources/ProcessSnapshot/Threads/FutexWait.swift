// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A thread that blocks on a lock, a condition, a semaphore or a group waits in the futex system call. The word it waits on
// lies at a fixed place in the primitive, and the functions on the stack say which primitive that is.
import Glibc

/// A wait on a futex, and what it means.
struct FutexWait {
    /// The word's address.
    let word: UInt
    private let operation: UInt
    private let value: UInt
    private let stackPointer: UInt

    /// Nil when the call is not a futex wait.
    init?(_ call: ThreadRecord.Call) {
        #if arch(x86_64)
            guard call.number == 202 else { return nil }
        #else
            guard call.number == 98 else { return nil }
        #endif
        word = call.arguments[0]
        operation = call.arguments[1] & 0x7f  // without "private" and "real-time clock"
        value = call.arguments[2]
        stackPointer = call.stackPointer
        // FUTEX_WAIT, LOCK_PI, WAIT_BITSET, LOCK_PI2
        guard [0, 6, 9, 13].contains(operation) else { return nil }
    }

    /// What is waited for, told from the names of the functions on the stack, leaf first; and who holds it.
    func meaning(functions: [String?], _ map: MemoryMap) -> (primitive: BlockingPrimitive, holder: Int32?) {
        if operation == 6 || operation == 13 {
            return (BlockingPrimitive(kind: "Mutex", address: word), thread(ProcessMemory.load(word, as: UInt32.self)))
        }
        // glibc spells one function in many ways: sem_wait, __new_sem_wait, ___pthread_mutex_lock, …@@GLIBC_2.2.5.
        let names = functions.prefix(16).compactMap { $0?.drop { $0 == "_" } }
        func calls(_ prefixes: String...) -> Bool {
            names.contains { name in prefixes.contains { name.hasPrefix($0) } }
        }
        if calls("dispatch_semaphore_wait", "dispatch_sema4_wait", "dispatch_sema4_timedwait") {
            let semaphore = word &- 64
            return (
                object(having: semaphore, at: 16, map)
                    ?? BlockingPrimitive(kind: "DispatchSemaphore", address: semaphore),
                nil
            )
        }
        if calls("dispatch_group_wait") {
            let group = word &- 52
            return (object(having: group, at: 16, map) ?? BlockingPrimitive(kind: "DispatchGroup", address: group), nil)
        }
        if calls("dispatch_sync_f_slow", "DISPATCH_WAIT_FOR_QUEUE", "dispatch_async_and_wait_f_slow") {
            return queue()
        }
        if calls("dispatch_once") {
            return (
                BlockingPrimitive(kind: "dispatch_once_t", address: word),
                thread(ProcessMemory.load(word, as: UInt32.self))
            )
        }
        if calls("pthread_cond_") {
            let condition = word &- Self.conditionOffset(word)
            return (
                object(having: condition, at: 24, map) ?? BlockingPrimitive(kind: "pthread_cond_t", address: condition),
                nil
            )
        }
        if calls("pthread_rwlock_") { return readWriteLock() }
        if calls("pthread_barrier_wait") {
            return (BlockingPrimitive(kind: "pthread_barrier_t", address: word &- 4), nil)
        }
        if calls("pthread_join", "pthread_timedjoin_np", "pthread_clockjoin") {
            return (BlockingPrimitive(kind: "pthread_join", address: word), thread(UInt32(truncatingIfNeeded: value)))
        }
        if calls("sem_wait", "sem_timedwait", "sem_clockwait", "new_sem_wait") {
            return (BlockingPrimitive(kind: "sem_t", address: word), nil)
        }
        if calls("pthread_mutex_") {
            let owner = thread(ProcessMemory.load(word &+ 8, as: UInt32.self))
            return (
                object(having: word, at: 16, map) ?? BlockingPrimitive(kind: "pthread_mutex_t", address: word), owner
            )
        }
        if calls("swift_once") { return (BlockingPrimitive(kind: "swift_once", address: word), nil) }
        return (BlockingPrimitive(kind: "futex", address: word), nil)
    }

    /// A lock's owner as the word has it; nil when nobody.
    private func thread(_ word: UInt32?) -> Int32? {
        let id = (word ?? 0) & 0x3fff_ffff  // without "has waiters" and "owner died"
        return id == 0 ? nil : Int32(id)
    }

    /// Writers wait behind another one at 12; readers, and the writer whose turn it is, for the phase at 8, which is 3 at most;
    /// readers that let writers go first at 0, in a word that then counts readers in steps of 8.
    private func readWriteLock() -> (BlockingPrimitive, Int32?) {
        let address = word &- (word % 8 == 4 ? 12 : UInt32(truncatingIfNeeded: value) > 3 ? 0 : 8)
        // __cur_writer; readers leave no id.
        return (
            BlockingPrimitive(kind: "pthread_rwlock_t", address: address),
            thread(ProcessMemory.load(address &+ 24, as: UInt32.self))
        )
    }

    /// The queue of a `sync`: the word lies in a record on the waiter's own stack that has the queue 40 bytes before.
    private func queue() -> (BlockingPrimitive, Int32?) {
        guard let queue = ProcessMemory.load(word &- 40, as: UInt.self), queue % 8 == 0, queue != 0,
            let state = ProcessMemory.load(queue &+ 56, as: UInt64.self)
        else { return (BlockingPrimitive(kind: "DispatchQueue.sync", address: word), nil) }
        let label = ProcessMemory.load(queue &+ 72, as: UInt.self).flatMap { ProcessMemory.text($0, limit: 128) }
        return (
            BlockingPrimitive(kind: "DispatchQueue.sync", address: queue, label: label),
            thread(UInt32(truncatingIfNeeded: state))
        )
    }

    /// The object of Foundation or Dispatch around a primitive of C, if the waiter's stack has it: `[object + offset]` is
    /// `inner`, and the class is one of those. Their methods leave no frame, as they end in the call that blocks.
    private func object(having inner: UInt, at offset: UInt, _ map: MemoryMap) -> BlockingPrimitive? {
        var seen: Set<UInt> = []
        let stack = map[stackPointer]?.range ?? 0..<0
        for candidate in ProcessMemory.words(stackPointer, count: 512) where candidate % 16 == 0 && candidate > 4096 {
            // Most words are no addresses, or those of code or of the stack itself: no system call for them.
            guard !stack.contains(candidate), seen.insert(candidate).inserted, map[candidate]?.isWritable == true,
                ProcessMemory.load(candidate &+ offset, as: UInt.self) == inner,
                let kind = TypeName.ofObject(at: candidate).flatMap({ Self.classes[$0] })
            else { continue }
            return BlockingPrimitive(kind: kind, address: candidate)
        }
        return nil
    }

    private static let classes = [
        "Foundation.NSLock": "NSLock", "Foundation.NSRecursiveLock": "NSRecursiveLock",
        "Foundation.NSCondition": "NSCondition", "Dispatch.DispatchSemaphore": "DispatchSemaphore",
        "Dispatch.DispatchGroup": "DispatchGroup",
    ]

    /// Where the two words that waiters sleep on lie in glibc's pthread_cond_t: glibc 2.41 took two words before them out.
    private static func conditionOffset(_ word: UInt) -> UInt {
        let first: UInt = glibcMinorVersion >= 41 ? 32 : 40
        return word % 8 == 0 ? first : first + 4
    }

    private static let glibcMinorVersion: Int = {
        var text = [CChar](repeating: 0, count: 64)  // such as "glibc 2.36"
        guard confstr(Int32(_CS_GNU_LIBC_VERSION), &text, text.count) > 0 else { return 0 }
        let version = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return version.split(separator: ".").dropFirst().first.flatMap { Int($0) } ?? 0
    }()
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CThreadRegisters
import Glibc
import Synchronization

/// What registers hold, where it may be nowhere else: of threads that sleep in the kernel, and of those that run together with
/// their stacks at that instant.
package struct ThreadRegisters: Sendable {
    /// Words that may be references, by thread.
    package private(set) var words: [Int32: [UInt]] = [:]
    /// Below these lies nothing that is in use, at the same instant.
    package private(set) var stackEnds: [Int32: UInt] = [:]
    /// Why a thread that lives could not be read, in a sentence's second half.
    package private(set) var refusals: [Int32: String] = [:]
    /// The longest time that one of them was held; an upper bound.
    package private(set) var longestHold = Duration.zero

    package init() {}

    private static let turn = Mutex(())

    /// Those of `threads`. Holds each for some microseconds; see CThreadRegisters.h for what that may do to it.
    ///
    /// Blocks for some 100 µs and 10 µs a thread, `patience` at most. Safe from any thread, one at a time.
    package static func read(_ threads: [Int32], within patience: Duration, _ map: MemoryMap) -> ThreadRegisters {
        var registers = ThreadRegisters()
        guard !threads.isEmpty else { return registers }
        if let reason = reasonNotToAsk() {
            for thread in threads { registers.refusals[thread] = reason }
            return registers
        }
        let size = threads.count * MemoryLayout<threadregs_thread>.stride
        guard let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
            memory != MAP_FAILED
        else {
            for thread in threads { registers.refusals[thread] = "there is no memory for its registers" }
            return registers
        }
        defer { munmap(memory, size) }
        let records = memory.bindMemory(to: threadregs_thread.self, capacity: threads.count)
        for (index, thread) in threads.enumerated() { records[index].id = thread }
        let (seconds, attoseconds) = patience.components
        let limit = UInt64(clamping: seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
        let failure = turn.withLock { _ in threadregs_take(records, threads.count, limit) }
        for index in threads.indices { registers.add(records + index, failure, map) }
        settle((0..<threads.count).filter { records[$0].in_call != 0 }.map { records[$0].id })
        return registers
    }

    package mutating func add(_ other: ThreadRegisters) {
        words.merge(other.words) { _, new in new }
        stackEnds.merge(other.stackEnds) { _, new in new }
        refusals.merge(other.refusals) { _, new in new }
        longestHold = max(longestHold, other.longestHold)
    }

    private mutating func add(
        _ record: UnsafeMutablePointer<threadregs_thread>, _ failure: Int32, _ map: MemoryMap
    ) {
        let thread = record.pointee.id
        switch (failure, record.pointee.outcome) {
        case (0, Int32(threadregs_read)):
            // During a system call of the C library only those matter that a function must give back as they were.
            let isLibrary = map.isCodeOfLibc(UInt(record.pointee.program_counter))
            stackEnds[thread] =
                UInt(record.pointee.stack_pointer) &- (record.pointee.in_call != 0 && isLibrary ? 0 : 128)
            longestHold = max(longestHold, .nanoseconds(record.pointee.held_ns))
            let isKept = record.pointee.in_call != 0 && isLibrary
            words[thread] =
                Self.words(&record.pointee.general, isKept ? UInt32(threadregs_kept) : record.pointee.general_count)
                + Self.words(&record.pointee.vector, record.pointee.vector_count)
                + Self.words(&record.pointee.stack, record.pointee.stack_count)
        case (0, Int32(threadregs_late)):
            refusals[thread] = "its registers could not be read: it did not stop in time"
        case (0, -ESRCH): break
        case (0, let error): refusals[thread] = Self.sentence(error)
        default: refusals[thread] = Self.sentence(failure)
        }
    }

    /// Those who slept are asleep again after this: while they go back to it, nobody could tell them from those who run.
    private static func settle(_ threads: [Int32]) {
        let deadline = ContinuousClock.now + .milliseconds(20)
        for thread in threads {
            while ContinuousClock.now < deadline,
                ProcFile.bytes("/proc/self/task/\(thread)/syscall")?.first == UInt8(ascii: "r")
            {
                usleep(20)
            }
        }
    }

    private static func words<Memory>(_ memory: inout Memory, _ count: UInt32) -> [UInt] {
        withUnsafeBytes(of: &memory) { bytes in
            Array(bytes.bindMemory(to: UInt.self).prefix(Int(count)).filter { $0 > 4096 })
        }
    }

    /// A kernel that ends whoever shares memory with one that a filter kills is not asked under a filter.
    private static func reasonNotToAsk() -> String? {
        #if arch(x86_64)
            guard let status = ProcFile.read("/proc/self/status"), ProcFile.number("Seccomp", in: status) == 2,
                let release = ProcFile.read("/proc/sys/kernel/osrelease")
            else { return nil }
            let numbers = release.split(whereSeparator: { !$0.isNumber }).prefix(2).compactMap { Int($0) }
            guard numbers.count == 2, (numbers[0], numbers[1]) < (5, 16) else { return nil }
            return "its registers cannot be read under a seccomp filter before Linux 5.16"
        #else
            return "registers of sleeping threads can be read on x86_64 only"
        #endif
    }

    /// What the system meant by `error`, with the setting that is behind it.
    static func sentence(_ error: Int32) -> String {
        // What clone(2) and mmap(2) say.
        if error == -EAGAIN {
            return "its registers cannot be read: there may be no more processes here (pids.max, RLIMIT_NPROC)"
        }
        if error == -ENOMEM {
            return "its registers cannot be read: there is no memory for the process that reads them"
        }
        if error == -ECHILD {
            return "its registers cannot be read: the process that reads them was stopped or ended from outside"
        }
        guard error == -EPERM || error == -EACCES else {
            return "its registers cannot be read: \(String(cString: strerror(-error)))"
        }
        let status = ProcFile.read("/proc/self/status") ?? ""
        if let tracer = ProcFile.number("TracerPid", in: status), tracer != 0 {
            return "its registers cannot be read while a debugger is attached (process \(tracer))"
        }
        if let scope = ProcFile.read("/proc/sys/kernel/yama/ptrace_scope")?.first?.wholeNumberValue, scope > 1 {
            return "its registers cannot be read: kernel.yama.ptrace_scope is \(scope)"
        }
        if threadregs_is_dumpable() == 0 {
            return "its registers cannot be read: the process is not dumpable (prctl PR_SET_DUMPABLE)"
        }
        if ProcFile.number("Seccomp", in: status) == 2 {
            return "its registers cannot be read: a seccomp filter forbids ptrace"
        }
        return "its registers cannot be read: ptrace is not permitted"
    }
}

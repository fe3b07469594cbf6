// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CStackCapture
import CThreadRegisters
import Glibc

/// A thread in a wait for other threads that no time ends.
package struct BlockedThread: Sendable {
    package let id: Int32
    package let name: String
    /// Where its stack ends.
    package let stackPointer: UInt
    /// How much below may be in use.
    package let redZone: UInt
    /// The word it waits on.
    package let futex: UInt
    package var primitive: BlockingPrimitive
    package var holder: Int32?
    /// Leaf first.
    package let stack: [UInt]
    /// How long it has been in this wait at least.
    package let waiting: Duration
    let record: ThreadRecord

    /// What two looks at the same wait have in common, and no other wait of the thread has.
    package var wait: UInt64 { UInt64(truncatingIfNeeded: ~futex) ^ record.switches << 20 }

    /// The same, but also in another wait for the same thing at the same place.
    package var place: UInt64 { UInt64(truncatingIfNeeded: ~futex) ^ UInt64(truncatingIfNeeded: stackPointer) << 17 }

    /// Whether the thread is still in the same wait and was in it all the time.
    package func isStillThere() -> Bool { record.isStillThere() }

    /// Whether the thread waits for the same thing at the same place. It may have been woken meanwhile, as by a signal.
    package func isInPlace() -> Bool { ThreadRecord(id)?.activity == record.activity }
}

/// Every thread of the process, as far as it matters who is blocked.
package struct ThreadsLook: Sendable {
    package struct Other: Sendable {
        package let id: Int32
        /// Nil while it runs.
        package let stackPointer: UInt?
        /// How much below the stack pointer may be in use: nothing where the C library made a system call.
        package let redZone: UInt
        /// Of the system call that it is in, those that the call has.
        package let arguments: [UInt]
    }

    package var blocked: [BlockedThread] = []
    package var others: [Other] = []
    /// Those of the others of whom the kernel does not say what they do.
    package var hidden: [Int32] = []
    package let own: Int32

    /// Looks at every thread. Stops nobody and sends no signal. Cost: 25 µs a thread, and a stack walk for each that is blocked.
    package static func take(_ map: MemoryMap, functionName: (UInt) -> String?) -> ThreadsLook? {
        guard let ids = ThreadRecord.ids() else { return nil }
        var look = ThreadsLook(own: stackcap_own_thread())
        var walk = StackWalk(map)
        let now = ContinuousClock.now
        let records = ids.compactMap { ThreadRecord($0) }
        let waits = WaitClock.shared.note(records, at: now)
        for record in records {
            if record.id != look.own, let blocked = blocked(record, &walk, map, waits[record.id], functionName) {
                look.blocked.append(blocked)
            } else {
                look.others.append(Other(record, map))
                if record.activity == .hidden, access("/proc/self/task/\(record.id)", F_OK) == 0 {
                    look.hidden.append(record.id)
                }
            }
        }
        return look
    }

    /// Why there are hidden ones, in a sentence's second half.
    package static var reasonForHidden: String {
        threadregs_is_dumpable() == 0
            ? "what it waits for cannot be read: the process is not dumpable (prctl PR_SET_DUMPABLE)"
            : "what it waits for cannot be read: its /proc/self/task/…/syscall is closed to this process"
    }

    private static func blocked(
        _ record: ThreadRecord, _ walk: inout StackWalk, _ map: MemoryMap, _ waiting: Duration?,
        _ functionName: (UInt) -> String?
    ) -> BlockedThread? {
        guard case .inCall(let call) = record.activity, let wait = FutexWait(call), call.arguments[3] == 0 else {
            return nil
        }
        let stack = walk.stack(programCounter: call.programCounter, stackPointer: call.stackPointer)
        let names = stack.addresses.enumerated().map { functionName($0.offset == 0 ? $0.element : $0.element &- 1) }
        let (primitive, holder) = wait.meaning(functions: names, map)
        let blocked = BlockedThread(
            id: record.id, name: record.name, stackPointer: call.stackPointer,
            redZone: map.isCodeOfLibc(call.programCounter) ? 0 : 128, futex: wait.word, primitive: primitive,
            holder: holder, stack: stack.addresses, waiting: waiting ?? .zero, record: record)
        // What was read of it belongs together only if it did not move meanwhile.
        return blocked.isStillThere() ? blocked : nil
    }
}

extension ThreadsLook.Other {
    init(_ record: ThreadRecord, _ map: MemoryMap) {
        id = record.id
        stackPointer = record.stackPointer
        guard case .inCall(let call) = record.activity else {
            redZone = 128
            arguments = []
            return
        }
        let isLibrary = map.isCodeOfLibc(call.programCounter)
        redZone = isLibrary ? 0 : 128
        arguments = Array(call.arguments.prefix(isLibrary ? SystemCallName.argumentCount(call.number) : 6))
    }
}

extension ThreadRecord {
    /// Nil while it runs, or where the kernel does not say.
    var stackPointer: UInt? {
        switch activity {
        case .inCall(let call): return call.stackPointer
        case .inFault(let stackPointer, _): return stackPointer
        case .running, .hidden: return nil
        }
    }
}

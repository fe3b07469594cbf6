// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Three passes. What the kernel shows of every thread; the stacks of those that wait, by call-frame information, looked at
// again afterwards to be sure they did not move meanwhile; the stacks of those that run, which take them themselves.
import CStackCapture
import Glibc

extension ThreadsSnapshot {
    /// Looks at every thread of this process.
    ///
    /// `functionName` gives the mangled name of the function that has an address; it is asked after the last thread was
    /// looked at. Breaks no system call and holds no thread longer than its own stack walk, some 20 µs. Takes some 50 µs a
    /// thread, and up to `patience` for threads that run but get no processor. Safe from any thread.
    package static func take(
        _ configuration: StackCapture.Configuration, patience: Duration = .milliseconds(200),
        functionName: (UInt) -> String?
    ) throws(SnapshotRefusal) -> ThreadsSnapshot {
        guard let ids = ThreadRecord.ids(), let map = MemoryMap.current() else {
            throw SnapshotRefusal(
                "threads were asked for, but /proc/self cannot be read: mount /proc in this container")
        }
        let own = stackcap_own_thread()
        let now = ContinuousClock.now
        var walk = StackWalk(map)
        var looks: [Look] = []
        var unknown: [UnknownWaiter] = []
        for id in ids {
            guard let record = ThreadRecord(id) else { continue }  // ended meanwhile
            looks.append(Look(record))
            if id == own {
                looks[looks.count - 1].addresses = StackCapture.ownStack().addresses
            } else {
                looks[looks.count - 1].walkIfWaiting(&walk)
            }
        }

        let running = looks.indices.filter { looks[$0].addresses.isEmpty && looks[$0].note == nil }
        let askable = running.filter {
            !looks[$0].record.isBlocked(SIGPROF) && looks[$0].record.letter != UInt8(ascii: "T")
        }
        let (stacks, refusals) =
            askable.isEmpty
            ? ([:], [:])
            : try StackCapture.shared.stacks(of: askable.map { looks[$0].record.id }, within: patience, configuration)
        for index in running {
            if let stack = stacks[looks[index].record.id] {
                looks[index].addresses = stack.addresses
                looks[index].task = stack.task?.id
                if stack.isTruncated { looks[index].note = "the stack has more than \(stack.addresses.count) frames" }
            } else if let record = ThreadRecord(looks[index].record.id) {
                let before = looks[index].record
                looks[index] = Look(record)
                looks[index].walkIfWaiting(&walk)
                if looks[index].addresses.isEmpty {
                    looks[index].note = refusals[record.id] ?? record.whyNoStack(before)
                }
            } else {
                looks[index].hasEnded = true
            }
        }
        looks.removeAll { $0.hasEnded }

        let tasks = (try? TaskLayout.find()).map { CurrentTasks.take($0) }
        let waits = WaitClock.shared.note(looks.map(\.record), at: now)
        let names = Dictionary(looks.map { ($0.record.id, $0.record.name) }, uniquingKeysWith: { first, _ in first })
        // Read after the stacks: a task that moved meanwhile is on two threads, and then on neither for sure.
        let taken = looks.compactMap { $0.task ?? tasks?.task(ofThread: $0.record.id)?.id }
        let moved = Set(Dictionary(grouping: taken, by: { $0 }).filter { $0.value.count > 1 }.keys)
        let threads = looks.map { look in
            var thread = look.snapshot(
                waiting: waits[look.record.id], threadNames: names, map: map, functionName: functionName)
            thread.task = look.task ?? tasks?.task(ofThread: look.record.id)?.id
            if let task = thread.task, moved.contains(task) { thread.task = nil }
            return thread
        }
        for look in looks where look.addresses.isEmpty {
            unknown.append(
                UnknownWaiter(id: UInt64(look.record.id), reason: look.note ?? "its stack could not be read"))
        }
        return ThreadsSnapshot(threads: threads, unknown: unknown, pause: stacks.values.map(\.duration).max() ?? .zero)
    }
}

/// What one look at a thread has found so far.
private struct Look {
    var record: ThreadRecord
    var addresses: [UInt] = []
    var note: String?
    var task: UInt64?
    var hasEnded = false

    init(_ record: ThreadRecord) {
        self.record = record
    }

    /// Walks the stack if the thread waits in the kernel, and stays there while it is walked: three attempts.
    mutating func walkIfWaiting(_ walk: inout StackWalk) {
        for _ in 0..<3 {
            let place: (UInt, UInt)
            switch record.activity {
            case .running: return
            case .hidden:
                note = "the kernel does not show what it does: the process is not dumpable (prctl PR_SET_DUMPABLE)"
                return
            case .inCall(let call): place = (call.programCounter, call.stackPointer)
            case .inFault(let stackPointer, let programCounter): place = (programCounter, stackPointer)
            }
            let stack = walk.stack(programCounter: place.0, stackPointer: place.1)
            if record.hasNotRunSince() {
                addresses = stack.addresses
                note = stack.note
                return
            }
            guard let after = ThreadRecord(record.id) else {
                hasEnded = true
                return
            }
            if record.isSameWait(as: after) {
                addresses = stack.addresses
                note = stack.note
                return
            }
            record = after
        }
    }

    func snapshot(
        waiting: Duration?, threadNames: [Int32: String], map: MemoryMap, functionName: (UInt) -> String?
    ) -> ThreadSnapshot {
        let functions = addresses.enumerated().map { functionName($0.offset == 0 ? $0.element : $0.element &- 1) }
        let record = record.resumed(by: functions.first ?? nil)
        var thread = ThreadSnapshot(
            id: record.id, name: record.name, role: ThreadSnapshot.Role(record, functions: functions),
            state: ThreadSnapshot.State(record), systemCall: nil, cpuTime: record.cpuTime, waitingOn: nil, holder: nil,
            waiting: nil, stack: addresses, stackNote: note, task: nil)
        guard case .inCall(let call) = record.activity else { return thread }
        thread.systemCall = SystemCallName.name(call.number)
        thread.waiting = waiting
        if let wait = FutexWait(call) {
            let (primitive, holder) = wait.meaning(functions: functions, map)
            thread.waitingOn = primitive
            thread.holder = holder.map { ThreadReference(id: $0, name: threadNames[$0]) }
        }
        return thread
    }
}

extension ThreadRecord {
    /// After a stop, as by a debugger or a scan for leaks, the kernel shows a timed call under a name of its own and with the
    /// arguments that it had: which one it is, the function that made it tells.
    fileprivate func resumed(by function: String?) -> ThreadRecord {
        guard case .inCall(let call) = activity, SystemCallName.name(call.number) == "restart_syscall",
            let number = function.flatMap({ SystemCallName.restarted(by: $0) })
        else { return self }
        var record = self
        record.activity = .inCall(
            Call(
                number: number, arguments: call.arguments, stackPointer: call.stackPointer,
                programCounter: call.programCounter))
        return record
    }

    /// Why a thread that was running in `before` gave no stack.
    fileprivate func whyNoStack(_ before: ThreadRecord) -> String {
        if letter == UInt8(ascii: "T") || letter == UInt8(ascii: "t") {
            return "it is stopped by a signal or a debugger"
        }
        if isBlocked(SIGPROF) { return "it runs and blocks SIGPROF, so that it cannot be asked for its stack" }
        if cpuTime == before.cpuTime { return "it got no processor while it was looked at" }
        return "it ran and waited in turn, and was never seen in one of them long enough"
    }
}

extension ThreadSnapshot.State {
    fileprivate init(_ record: ThreadRecord) {
        switch record.letter {
        case UInt8(ascii: "T"), UInt8(ascii: "t"): self = .stopped
        case UInt8(ascii: "R"): self = .running
        default:
            switch record.activity {
            case .running: self = .running
            case .inCall(let call) where ["nanosleep", "clock_nanosleep"].contains(SystemCallName.name(call.number)):
                self = .sleeping
            default: self = .waiting
            }
        }
    }
}

extension ThreadSnapshot.Role {
    /// `functions` are the mangled names on the stack, leaf first.
    fileprivate init(_ record: ThreadRecord, functions: [String?]) {
        let outermost = functions.suffix(8).compactMap { $0 }
        func has(_ prefixes: String...) -> Bool {
            outermost.contains { name in prefixes.contains { name.hasPrefix($0) } }
        }
        if record.id == getpid() {
            self = .main
        } else if record.name.hasPrefix("debug-") || record.name.hasPrefix("MHD-") || has("$s9MicroHTTP") {
            self = .debugEndpoint
        } else if has("_dispatch_mgr_thread", "_dispatch_mgr_invoke") {
            self = .dispatchManager
        } else if has("_dispatch_worker_thread", "_dispatch_root_queue_drain")
            || record.name.hasSuffix("-qos") || record.name.hasSuffix("-qos.overcommit")
        {
            self = .dispatchWorker  // named after a root queue, the label's end as far as the kernel keeps it
        } else if record.name.hasPrefix("NIO-ELT-") || has("$s8NIOPosix") {
            self = .nioLoop
        } else if has("$s10Foundation6ThreadC") {
            self = .foundationThread
        } else {
            self = .other
        }
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// How tasks are read while they run. A suspended task's memory stands still: its own words, its records and its frames change
// only after it was woken, and waking it changes its status first. So: look at the core (A), look at everything else, look at
// the core again (B). A = B means that the rest is what it was all the time, but for a task that was woken, ran, and waits at
// the same place again between A and B. Then frames may be mixed of both, and both are of the same place.

/// Reads tasks out of this process's memory. One thread only; stops nobody and takes no lock.
struct TaskReader {
    private let layout: TaskLayout
    private let code: ExecutableMap
    private let cache: PageCache
    private var groupAdapters: Set<UInt> = []

    private static let attempts = 3
    private static let batch = 256
    private static let longestChain = 1024
    private static let mostSlabs = 4096

    init?(_ layout: TaskLayout, _ map: MemoryMap) {
        guard let cache = PageCache() else { return nil }
        self.layout = layout
        self.cache = cache
        code = ExecutableMap(map)
    }

    /// Where our copies lie.
    var ownMemory: Range<UInt> { cache.range }

    /// The live tasks among `candidates` and those that their records lead to, and those that would not hold still.
    mutating func read(_ candidates: [UInt]) -> (tasks: [TaskRecord], unknown: [UnknownWaiter]) {
        var tasks: [TaskRecord] = []
        var unknown: [UnknownWaiter] = []
        var known: Set<UInt> = Set(candidates)
        var waiting = candidates[...]
        while !waiting.isEmpty {
            let batch = waiting.prefix(Self.batch)
            waiting = waiting.dropFirst(batch.count)
            let first = tasks.count
            for restless in readBatch(batch, &tasks) {
                if let reason = readAlone(restless, &tasks) { unknown.append(reason) }
            }
            // The memory map is older than tasks that were made meanwhile; their parents' records know them.
            for task in tasks[first...] {
                for relative in task.firstChildren + [task.nextSibling].compactMap({ $0 })
                where known.insert(relative).inserted { waiting.append(relative) }
            }
        }
        return (tasks, unknown)
    }

    /// Reads many at the cost of few system calls; returns those that changed meanwhile.
    private mutating func readBatch(_ addresses: ArraySlice<UInt>, _ tasks: inout [TaskRecord]) -> [UInt] {
        cache.forget()
        let cores = addresses.compactMap { address in core(address).map { (address, $0) } }
        cache.forget()
        var records: [TaskRecord] = []
        for (address, core) in cores { records.append(record(address, core)) }
        cache.forget()
        var restless: [UInt] = []
        for record in records {
            if record.holds(against: core(record.address)) {
                tasks.append(record)
            } else {
                restless.append(record.address)
            }
        }
        return restless
    }

    /// Reads one, in microseconds. Returns why it could not; nil when it could or has ended.
    private mutating func readAlone(_ address: UInt, _ tasks: inout [TaskRecord]) -> UnknownWaiter? {
        var last: TaskRecord.Core?
        for _ in 0..<Self.attempts {
            cache.forget()
            guard let before = core(address) else { return nil }
            cache.forget()
            let record = record(address, before)
            cache.forget()
            if record.holds(against: core(address)) {
                tasks.append(record)
                return nil
            }
            last = before
        }
        return last.map {
            UnknownWaiter(id: $0.id, reason: "it went on in each of \(Self.attempts) attempts to look at it")
        }
    }

    /// The core of a live task; nil when there is none at `address`.
    private func core(_ address: UInt) -> TaskRecord.Core? {
        guard address & 15 == 0, cache.word(address) == layout.taskMetadata,
            cache.half(address &+ TaskLayout.Task.mutexKind) == TaskLayout.liveMutexKind,
            let jobFlags = cache.half(address &+ TaskLayout.Task.jobFlags), jobFlags & 0xff == 0,
            let lowID = cache.half(address &+ TaskLayout.Task.lowID),
            let highID = cache.half(address &+ TaskLayout.Task.highID),
            let status = cache.half(address &+ TaskLayout.Task.status), status & TaskLayout.Status.complete == 0,
            let statusRecord = cache.word(address &+ TaskLayout.Task.statusRecord),
            let resumeFunction = cache.word(address &+ TaskLayout.Task.resumeFunction), code.contains(resumeFunction),
            let resumeContext = cache.word(address &+ TaskLayout.Task.resumeContext),
            let dependency = cache.word(address &+ TaskLayout.Task.dependency)
        else { return nil }
        let id = UInt64(highID) << 32 | UInt64(lowID)
        guard id != 0 else { return nil }
        return TaskRecord.Core(
            id: id, jobFlags: jobFlags, status: status, statusRecord: statusRecord, resumeFunction: resumeFunction,
            resumeContext: resumeContext, dependency: dependency)
    }

    private mutating func record(_ address: UInt, _ core: TaskRecord.Core) -> TaskRecord {
        var record = TaskRecord(address: address, core: core)
        if core.jobFlags & TaskLayout.JobFlags.child != 0 {
            record.parent = cache.word(address &+ TaskLayout.Task.parent)
            record.nextSibling = cache.word(address &+ TaskLayout.Task.nextChild).flatMap { $0 == 0 ? nil : $0 }
            if core.jobFlags & TaskLayout.JobFlags.groupChild != 0 {
                record.group = cache.word(address &+ TaskLayout.Task.group)
            }
        }
        readStatusRecords(core, &record)
        record.slabs = slabs(of: address)
        guard record.state != .running else { return record }
        record.dependency = dependency(core.dependency, of: address)
        // The adapter of groups is not exported, but what waits for a group goes on in it.
        if record.dependency?.kind == .group { groupAdapters.insert(core.resumeFunction) }
        let stack = AsyncStack(core, layout.adapters, groupAdapters, code, cache)
        record.stack = stack.addresses
        record.stackNote = stack.note
        return record
    }

    private func readStatusRecords(_ core: TaskRecord.Core, _ record: inout TaskRecord) {
        var next = core.statusRecord
        for _ in 0..<Self.longestChain {
            guard next != 0, let kind = cache.word(next), let payload = cache.word(next &+ 16),
                let outer = cache.word(next &+ 8)
            else {
                return
            }
            switch kind & 0xff {
            case TaskLayout.RecordKind.childTasks, TaskLayout.RecordKind.taskGroup:
                if payload != 0 { record.firstChildren.append(payload) }
            case TaskLayout.RecordKind.cancellation:
                record.cancellationHandler = record.cancellationHandler ?? payload
            case TaskLayout.RecordKind.name:
                record.name = record.name ?? cache.text(payload)
            default: break
            }
            next = outer
        }
    }

    /// The chain of the task allocator's slabs: each begins with its type, the next one, and how long it is.
    private func slabs(of task: UInt) -> [UInt] {
        var slabs: [UInt] = []
        var next = cache.word(task &+ TaskLayout.Task.firstSlab) ?? 0
        while next != 0, slabs.count < Self.mostSlabs {
            slabs.append(next)
            next = cache.word(next &+ 8) ?? 0
        }
        return slabs
    }

    private func dependency(_ address: UInt, of task: UInt) -> TaskRecord.Dependency? {
        // The record says whose it is, at 40.
        guard address != 0, cache.word(address &+ 40) == task, let kind = cache.half(address &+ 32),
            let kind = TaskRecord.Dependency.Kind(rawValue: kind), let target = cache.word(address &+ 16),
            let witnesses = cache.word(address &+ 24)
        else { return nil }
        return TaskRecord.Dependency(kind: kind, target: target, witnesses: witnesses)
    }
}

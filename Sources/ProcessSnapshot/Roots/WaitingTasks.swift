// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A live task, as far as it matters what it waits for and what memory is its own.
package struct TaskLook: Sendable {
    package enum Wait: Sendable, Equatable {
        /// It runs, or will run, or nothing is known.
        case none
        case sleep
        case continuation(isStream: Bool)
        /// The awaited task's address.
        case task(UInt)
        /// The addresses of the children that have not ended; nil where they cannot be told.
        case group([UInt]?)
        /// The executor's object.
        case executor(UInt)
    }

    package let snapshot: TaskSnapshot
    package let wait: Wait
    /// The task that cancels it when it is cancelled itself.
    package let parent: UInt?
    /// The blocks its frames lie in, beyond its own.
    package let slabs: [UInt]
    /// What of its own memory begins in `block`, one of malloc's, and no more than the block: its object, and its slabs with what they
    /// can hold. Where it has ended meanwhile, their lengths may be anything. Cost: a system call for each slab in there.
    package func ranges(in block: Range<UInt>) -> [Range<UInt>] {
        let frames = slabs.filter(block.contains).compactMap { slab -> Range<UInt>? in
            guard let capacity = ProcessMemory.load(slab &+ 16, as: UInt32.self), capacity < 1 << 30 else { return nil }
            return slab..<slab &+ 32 &+ UInt(capacity)
        }
        // The first slab lies in the object, behind what it has of its own.
        let end = frames.map(\.lowerBound).filter { $0 > address }.min() ?? .max
        let object = block.contains(address) ? [address..<min(address + TasksLook.headerSize, end)] : []
        return (object + frames).map { $0.clamped(to: block) }
    }
    /// Where its object names its relatives: no reference that could wake any of them.
    package let relativeFields: Range<UInt>
    let core: TaskRecord.Core
    /// How many bytes at its address are the task itself; behind that may come the frame that it began with.
    package var objectSize: UInt {
        let flags = core.jobFlags
        return UInt(TaskLayout.Task.size) + (flags & TaskLayout.JobFlags.child == 0 ? 0 : 16)
            + (flags & TaskLayout.JobFlags.groupChild == 0 ? 0 : 8) + (flags & TaskLayout.JobFlags.future == 0 ? 0 : 24)
    }
    /// Where the runtime keeps what it waits for.
    package var waitRecord: Range<UInt> { core.dependency..<core.dependency &+ (core.dependency == 0 ? 0 : 48) }

    /// Those of its status records, as long as it waits.
    package var records: StatusRecords { StatusRecords(first: core.statusRecord) }

    package var id: UInt64 { snapshot.id }
    package var address: UInt { snapshot.address }

    /// What two looks at the same wait have in common.
    package var waitMark: UInt64 {
        UInt64(truncatingIfNeeded: ~core.dependency) ^ UInt64(truncatingIfNeeded: core.resumeContext) << 7
            ^ UInt64(core.status)
    }

    /// Whether the task was in the same wait when these, the words of its object, were copied.
    func stands(in words: [UInt]) -> Bool {
        func word(_ offset: UInt) -> UInt { words[Int(offset) / 8] }
        return UInt32(truncatingIfNeeded: word(TaskLayout.Task.lowID - 4) >> 32) == UInt32(truncatingIfNeeded: core.id)
            && UInt32(truncatingIfNeeded: word(TaskLayout.Task.status)) == core.status
            && word(TaskLayout.Task.dependency) == core.dependency
            && word(TaskLayout.Task.resumeContext) == core.resumeContext
    }

    /// Whether the task is still in the same wait, as far as its words tell.
    package func isStillThere() -> Bool {
        ProcessMemory.load(address &+ TaskLayout.Task.lowID, as: UInt32.self) == UInt32(truncatingIfNeeded: core.id)
            && ProcessMemory.load(address &+ TaskLayout.Task.status, as: UInt32.self) == core.status
            && ProcessMemory.load(address &+ TaskLayout.Task.dependency, as: UInt.self) == core.dependency
            && ProcessMemory.load(address &+ TaskLayout.Task.resumeContext, as: UInt.self) == core.resumeContext
    }
}

/// Who runs which task and which actor at this moment.
package struct RunningNow: Sendable {
    /// The task's address, by thread.
    package let tasks: [Int32: UInt]
    package let threadOfExecutor: [UInt: Int32]

    /// Nil where that cannot be told. Cost: 7 µs a thread.
    package static func take() -> RunningNow? {
        guard let layout = try? TaskLayout.find() else { return nil }
        return RunningNow(CurrentTasks.take(layout))
    }

    init(_ current: CurrentTasks) {
        tasks = current.tasks.mapValues(\.address)
        threadOfExecutor = Dictionary(current.executors.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

/// Every live task of the process.
package struct TasksLook: Sendable {
    package let tasks: [TaskLook]
    package let unknown: [UnknownWaiter]
    /// Who ran what when the tasks had been looked at.
    package let running: RunningNow

    /// How many bytes at a task's address are the task itself, with all fragments.
    package static let headerSize: UInt = 280

    package init(tasks: [TaskLook], unknown: [UnknownWaiter], current: CurrentTasks) {
        self.tasks = tasks
        self.unknown = unknown
        running = RunningNow(current)
    }
}

extension TasksSnapshot {
    /// Looks at every live task, as ``take(functionName:)`` does; not in `excluded`, nor in pages of which `hasRoom` says that nothing
    /// of so many bytes can begin there.
    package static func look(
        excluding excluded: [Range<UInt>], hasRoom: (Range<UInt>, Int) -> Bool, functionName: (UInt) -> String?
    ) throws(SnapshotRefusal) -> TasksLook {
        let seen = try see(excluding: excluded, hasRoom: hasRoom)
        return withoutActuallyEscaping(functionName) { functionName in
            let snapshot = TasksSnapshot(seen, functionName: functionName)
            let records = Dictionary(seen.tasks.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
            let tasks = snapshot.tasks.compactMap { task -> TaskLook? in
                guard let record = records[task.address] else { return nil }
                let isChild = record.core.jobFlags & TaskLayout.JobFlags.child != 0
                let relatives = task.address + TaskLayout.Task.parent
                return TaskLook(
                    snapshot: task, wait: wait(record, task), parent: record.parent, slabs: record.slabs,
                    relativeFields: relatives..<relatives + (isChild ? 24 : 0), core: record.core)
            }
            return TasksLook(tasks: tasks, unknown: snapshot.unknown, current: seen.current)
        }
    }

    private static func wait(_ record: TaskRecord, _ task: TaskSnapshot) -> TaskLook.Wait {
        guard record.state != .running, let dependency = record.dependency else { return .none }
        switch dependency.kind {
        case .task: return record.state == .suspended ? .task(dependency.target) : .none
        case .group:
            return record.state == .suspended
                ? .group(StatusRecords.pendingChildren(ofGroup: dependency.target)) : .none
        case .executor: return dependency.target == 0 ? .none : .executor(dependency.target)
        case .continuation:
            guard record.state == .suspended else { return .none }
            switch task.waitingOn?.kind {
            case .sleep: return .sleep
            case .stream: return .continuation(isStream: true)
            default: return .continuation(isStream: false)
            }
        }
    }
}

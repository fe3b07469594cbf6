// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What a task's status records say about those who may end its wait by other ways than by what it waits for: each has its kind,
/// the next outer record, and from 16 on what it is about.
package struct StatusRecords {
    private enum Field {
        static let outer: UInt = 8
        static let payload: UInt = 16
        static let context: UInt = 24
        /// Of a group: its record lies behind its first word.
        static let groupRecord: UInt = 8
    }

    private static let longest = 4096

    /// Whether the records could not all be read: there may be more handlers.
    package private(set) var isIncomplete = false
    /// What those are called with that are called when the task is cancelled or its priority raised: closures' contexts.
    package private(set) var handlerContexts: [UInt] = []
    /// Where the records name children: the runtime's way to them, which wakes nobody.
    private(set) var childFields: [Range<UInt>] = []

    /// Cost: a system call for each record.
    init(first: UInt) {
        var next = first
        for _ in 0..<Self.longest {
            if next == 0 { return }
            let words = ProcessMemory.words(next, count: 4)
            guard words.count == 4 else { break }
            switch words[0] & 0xff {
            // The first child, and the last one of a group or, with flags, the same of an async let.
            case TaskLayout.RecordKind.childTasks, TaskLayout.RecordKind.taskGroup:
                childFields.append(next + Field.payload..<next + Field.payload + 16)
            case TaskLayout.RecordKind.cancellation, TaskLayout.RecordKind.escalation:
                handlerContexts.append(words[3])
            default: break
            }
            next = words[1]
        }
        isIncomplete = true
    }

    /// Those of a task that does not run as long as this takes.
    package init(ofTask task: UInt) {
        self.init(first: ProcessMemory.load(task &+ TaskLayout.Task.statusRecord, as: UInt.self) ?? 1)
    }

    /// Whether the word at `location` is one in which the records of `parent`, which does not run, name a child.
    package static func name(childAt location: UInt, ofParent parent: UInt) -> Bool {
        func status() -> UInt32? { ProcessMemory.load(parent &+ TaskLayout.Task.status, as: UInt32.self) }
        guard let before = status(), before & TaskLayout.Status.running == 0,
            let first = ProcessMemory.load(parent &+ TaskLayout.Task.statusRecord, as: UInt.self)
        else { return false }
        return StatusRecords(first: first).childFields.contains { $0.contains(location) } && status() == before
    }

    /// The children of a group that is waited for, by its own list: none can be missed that was added after tasks were looked
    /// for. Nil where the list cannot be read.
    static func pendingChildren(ofGroup group: UInt) -> [UInt]? {
        var children: [UInt] = []
        var next = ProcessMemory.load(group &+ Field.groupRecord &+ Field.payload, as: UInt.self)
        for _ in 0..<1 << 20 {
            guard let child = next else { return nil }
            if child == 0 { return children }
            guard let status = ProcessMemory.load(child &+ TaskLayout.Task.status, as: UInt32.self) else { return nil }
            if status & TaskLayout.Status.complete == 0 { children.append(child) }
            next = ProcessMemory.load(child &+ TaskLayout.Task.nextChild, as: UInt.self)
        }
        return nil
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A task that waits for a continuation goes on when its cancellation handler resumes that. Who can cancel it is who has its
// handle, and who can cancel the task that it is a child of; that one, once awake, does so by leaving the scope. Handlers are
// called by who cancels, so that what they were given is in somebody's reach although their task sleeps.
import ProcessSnapshot

/// Which tasks somebody who is awake can cancel.
struct Cancellations {
    /// What a task that can be cancelled is to be called with then.
    struct Handlers {
        let task: UInt
        let contexts: [UInt]
        /// Whether there may be others.
        let isIncomplete: Bool

        init?(of task: UInt, _ records: StatusRecords) {
            guard records.isIncomplete || !records.handlerContexts.isEmpty else { return nil }
            self.task = task
            contexts = records.handlerContexts
            isIncomplete = records.isIncomplete
        }
    }

    private var children: [UInt: [UInt]] = [:]
    private var cancelled: Set<UInt> = []
    /// Tasks that were awake from the start.
    private var awake: [UInt] = []
    private var waiting: [UInt: TaskLook] = [:]

    /// - Parameters:
    ///   - waiting: Whether a task waits, and has nothing changed of its own.
    ///   - sleeping: Those, and tasks that run on threads that wait.
    init(_ tasks: [TaskLook], waiting isWaiting: (UInt) -> Bool, sleeping: Set<UInt>) {
        for task in tasks {
            if isWaiting(task.address) { waiting[task.address] = task }
            if let parent = task.parent { children[parent, default: []].append(task.address) }
        }
        awake = children.keys.filter { !sleeping.contains($0) }
    }

    mutating func begin() -> [Handlers] {
        defer { awake = [] }
        return cancel(awake.flatMap { children[$0] ?? [] })
    }

    /// The task goes on: what it began can be cancelled.
    mutating func wake(_ task: UInt) -> [Handlers] { cancel(children[task] ?? []) }

    /// Somebody awake has the task's handle.
    mutating func reach(_ task: UInt) -> [Handlers] { cancel([task]) }

    /// All handlers so far, as they are now. Cost: some system calls for each task that can be cancelled.
    func again() -> [Handlers] { cancelled.compactMap(handlersNow) }

    private func handlersNow(of task: UInt) -> Handlers? {
        // Of those who are awake the words may be anything, and count nothing: they are in reach anyway.
        Handlers(of: task, waiting[task]?.records ?? StatusRecords(ofTask: task))
    }

    private mutating func cancel(_ first: [UInt]) -> [Handlers] {
        var handlers: [Handlers] = []
        var pending = first
        while let next = pending.popLast() {
            guard cancelled.insert(next).inserted else { continue }
            if let found = handlersNow(of: next) { handlers.append(found) }
            pending += children[next] ?? []
        }
        return handlers
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A task that waits for a continuation goes on when its cancellation handler resumes that. Who can cancel it is who has its
// handle, and who can cancel the task that it is a child of; that one, once awake, does so by leaving the scope. Handlers are
// called by who cancels, so that what they were given is in somebody's reach although their task sleeps.
import ProcessSnapshot

/// Which tasks somebody who is awake can cancel.
struct Cancellations {
    /// What comes of tasks that can be cancelled now.
    struct Effect {
        /// Those whose own handler can end their wait.
        var tasks: [UInt] = []
        /// What handlers are called with.
        var words: [UInt] = []
    }

    private var children: [UInt: [UInt]] = [:]
    private var cancelled: Set<UInt> = []
    /// Tasks that were awake from the start.
    private var awake: [UInt] = []

    /// - Parameter sleeping: Tasks that wait, or run on threads that do.
    init(_ tasks: [TaskLook], sleeping: Set<UInt>) {
        for task in tasks {
            if let parent = task.parent { children[parent, default: []].append(task.address) }
        }
        awake = children.keys.filter { !sleeping.contains($0) }
    }

    mutating func begin() -> Effect {
        defer { awake = [] }
        return cancel(awake.flatMap { children[$0] ?? [] })
    }

    /// The task goes on: what it began can be cancelled.
    mutating func wake(_ task: UInt) -> Effect { cancel(children[task] ?? []) }

    /// Somebody awake has the task's handle.
    mutating func reach(_ task: UInt) -> Effect { cancel([task]) }

    private mutating func cancel(_ first: [UInt]) -> Effect {
        var effect = Effect()
        var pending = first
        while let next = pending.popLast() {
            guard cancelled.insert(next).inserted else { continue }
            // Of those who are awake the words may be anything, and count nothing: they are in reach anyway.
            let records = StatusRecords(ofTask: next)
            if records.hasHandler {
                effect.tasks.append(next)
                effect.words += records.handlerContexts
            }
            pending += children[next] ?? []
        }
        return effect
    }
}

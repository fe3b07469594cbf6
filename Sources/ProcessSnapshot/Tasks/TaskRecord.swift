// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What a task's memory says: copied first, told in words later, so that the look is short.
struct TaskRecord {
    /// What must not have changed from before everything else was read until after, or it does not belong together.
    struct Core: Equatable {
        var id: UInt64
        var jobFlags: UInt32
        var status: UInt32
        var statusRecord: UInt
        var resumeFunction: UInt
        var resumeContext: UInt
        var dependency: UInt
    }

    /// The record of what a task waits for.
    struct Dependency {
        enum Kind: UInt32 {
            case task = 1
            case continuation, group, executor
        }
        var kind: Kind
        /// The task, the continuation's context, the group, or the executor's object.
        var target: UInt
        /// The table of an executor's witnesses; 0 for a default actor.
        var witnesses: UInt
    }

    let address: UInt
    let core: Core
    var name: String?
    var dependency: Dependency?
    /// The innermost function to call when the task is cancelled.
    var cancellationHandler: UInt?
    var parent: UInt?
    var group: UInt?
    /// Tasks that its records lead to.
    var firstChildren: [UInt] = []
    var nextSibling: UInt?
    var stack: [UInt] = []
    var stackNote: String?
    /// The blocks its frames lie in, beyond its own.
    var slabs: [UInt] = []

    var state: TaskSnapshot.State {
        if core.status & TaskLayout.Status.running != 0 { return .running }
        return core.status & TaskLayout.Status.enqueued != 0 ? .enqueued : .suspended
    }

    var origin: TaskSnapshot.Origin {
        if core.jobFlags & TaskLayout.JobFlags.asyncLet != 0 { return .asyncLet }
        return core.jobFlags & TaskLayout.JobFlags.groupChild != 0 ? .groupChild : .task
    }

    /// Whether `later`, the same task's core a moment later, proves that what was read between belongs together.
    func holds(against later: Core?) -> Bool {
        guard let later else { return false }
        // A running task's words change all the time, and nothing is read of it that depends on them.
        if state == .running { return later.id == core.id && later.status & TaskLayout.Status.running != 0 }
        return later == core
    }
}

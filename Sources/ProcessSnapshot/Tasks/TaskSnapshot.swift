// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What one Swift task was doing when it was looked at.
package struct TaskSnapshot: Sendable {
    package enum State: String, Sendable {
        case running, enqueued, suspended
    }

    /// How the task was made.
    package enum Origin: String, Sendable {
        /// `Task`, `Task.detached`, `Task.immediate`, or the main task.
        case task
        case asyncLet = "async_let"
        case groupChild = "group_child"
    }

    package struct Wait: Sendable {
        package enum Kind: String, Sendable {
            case task, group, continuation, actor, executor, sleep, stream
        }
        package var kind: Kind
        /// The awaited task, or the task that runs on the actor; nil where there is none or it is not known.
        package var task: UInt64?
        /// The actor, group or continuation.
        package var address: UInt
        /// A phrase such as `actor App.Cache, on which task 12 runs`.
        package var description: String
    }

    package var id: UInt64
    /// The task object.
    package var address: UInt
    package var name: String?
    /// As in `TaskPriority.rawValue`.
    package var priority: Int
    package var state: State
    package var isCancelled: Bool
    package var origin: Origin
    /// The thread it runs on; nil unless it runs.
    package var thread: Int32?
    package var waitingOn: Wait?
    package var parent: UInt64?
    package var children: [UInt64]
    /// Where it and the functions that await it will go on, innermost first; empty while it runs.
    package var stack: [UInt]
    /// Why the stack is missing or ends early; nil when it is whole.
    package var stackNote: String?
}

/// Every live task of this process.
package struct TasksSnapshot: Sendable {
    /// In order of id.
    package var tasks: [TaskSnapshot]
    package var unknown: [UnknownWaiter]
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What one thread was doing when it was looked at.
package struct ThreadSnapshot: Sendable {
    package enum State: String, Sendable {
        /// On a processor, or waiting for one.
        case running
        /// In a system call that something else must end.
        case waiting
        /// In a system call that time ends.
        case sleeping
        /// By a signal or a debugger.
        case stopped
    }

    package enum Role: String, Sendable {
        case main
        case dispatchWorker = "dispatch_worker"
        case dispatchManager = "dispatch_manager"
        case nioLoop = "nio_loop"
        case foundationThread = "foundation_thread"
        /// One of this endpoint's own.
        case debugEndpoint = "debug_endpoint"
        case other
    }

    /// The kernel's thread id.
    package var id: Int32
    /// At most 15 bytes (kernel limit).
    package var name: String
    package var role: Role
    package var state: State
    /// The name of the system call it is in; nil while it runs its own code.
    package var systemCall: String?
    package var cpuTime: Duration
    /// The primitive it waits for; nil when it waits for none or none could be told.
    package var waitingOn: BlockingPrimitive?
    /// Who must act before it goes on, where the primitive says so.
    package var holder: ThreadReference?
    /// How long it has been in this same wait at least: since the first look that saw it there.
    package var waiting: Duration?
    /// Leaf first. The first is where it will go on; the others are return addresses.
    package var stack: [UInt]
    /// Why the stack is missing or ends early; nil when it is whole.
    package var stackNote: String?
    /// The id of the task that runs on it.
    package var task: UInt64?
}

/// A thread by id and, while it lives, by name.
package struct ThreadReference: Sendable, Equatable {
    package var id: Int32
    package var name: String?
}

/// What a thread is blocked on: the primitive's usual name and the address of the object.
package struct BlockingPrimitive: Sendable, Equatable {
    /// Such as `NSLock`, `pthread_cond_t` or `DispatchSemaphore`.
    package var kind: String
    /// The object, or the futex word where the object is not known.
    package var address: UInt
    /// What the service calls it, such as a queue's label; nil where it has no name.
    package var label: String?

    package init(kind: String, address: UInt, label: String? = nil) {
        self.kind = kind
        self.address = address
        self.label = label
    }
}

/// A thread or task that could not be looked at, and why.
package struct UnknownWaiter: Sendable, Equatable {
    package var id: UInt64
    package var reason: String
}

/// Every thread of this process.
package struct ThreadsSnapshot: Sendable {
    /// In order of id.
    package var threads: [ThreadSnapshot]
    package var unknown: [UnknownWaiter]
    /// The longest time that a running thread spent taking its own stack; zero when none had to.
    package var pause: Duration
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Who waits for ever, as of one scan. As text, it is what `/debug/leaks` answers.
public struct LeakReport: Sendable, CustomStringConvertible {
    /// The threads and tasks that will never wake, threads first, in order of id.
    public var leaks: [Leak]
    /// Those of which nothing is said, and why.
    public var unknown: [Unknown]
    /// How many threads and tasks wait for others at all.
    public var waiters: Int
    /// How many verdicts of the scan before this one takes back although the wait is the same: 0, or the detector is wrong.
    public var retracted: Int
    /// How many scans have been made of this process, this one included.
    public var scans: Int
    /// The longest time that the scan held up a thread of the program: while it took its own registers.
    public var pause: Duration
    public var duration: Duration
    /// How much memory was read, all passes together.
    public var scannedBytes: Int

    /// All that wait for others, leaked or not.
    package var waits: Set<Wait>

    /// Who waits on what; free of addresses, so that it keeps nothing reachable.
    package struct Wait: Hashable, Sendable {
        let kind: Kind
        let id: UInt64
        private let place: UInt

        package init(_ leak: Leak) { self.init(kind: leak.kind, id: leak.id, address: leak.waitingOn.address) }

        init(kind: Kind, id: UInt64, address: UInt) {
            self.kind = kind
            self.id = id
            place = ~address
        }
    }

    public var description: String { String(decoding: LeakListing(self).text(withHint: false), as: UTF8.self) }

    public enum Kind: String, Sendable {
        case thread, task
    }

    public struct Unknown: Sendable {
        public var kind: Kind
        /// 0 where the reason holds for all threads or for all tasks.
        public var id: UInt64
        public var reason: String
    }
}

/// A thread or task that will never wake.
public struct Leak: Sendable {
    public enum Verdict: String, Sendable {
        /// Nobody alive refers to what it waits on.
        case orphaned
        /// It waits, through others, for itself.
        case deadlock
        /// The holder of the lock has exited.
        case abandoned
        /// It waits only for leaked ones.
        case blockedBehind = "blocked_behind"
    }

    public enum Certainty: String, Sendable {
        case proven, suspected
    }

    public struct WaitedFor: Sendable {
        /// Such as `DispatchSemaphore`, `NSLock`, `continuation` or `task`.
        public var primitive: String
        public var address: UInt { ~hidden }
        /// The complement: a report that is kept must not keep what it speaks of reachable.
        private let hidden: UInt
        /// The class of the object that it is, or is a part of: an actor, a class with a `Mutex`. Nil where it lies in none of Swift's.
        public var type: String?

        init(primitive: String, address: UInt, type: String?) {
            self.primitive = primitive
            hidden = ~address
            self.type = type
        }
    }

    public struct Holder: Sendable {
        public var kind: LeakReport.Kind
        public var id: UInt64
        public var name: String?
    }

    public struct Frame: Sendable {
        public var address: UInt
        public var function: String?
        public var file: String?
        public var line: Int?
        /// Its code is part of the function of the next frame.
        public var isInlined: Bool
        /// The path of the module.
        public var image: String?
        /// The compiler's glue, which text leaves out.
        public var isThunk: Bool
    }

    public var kind: LeakReport.Kind
    /// The kernel's id of a thread, the runtime's of a task.
    public var id: UInt64
    public var name: String?
    public var verdict: Verdict
    public var certainty: Certainty
    public var waitingOn: WaitedFor
    public var holder: Holder?
    /// One sentence.
    public var reason: String
    /// How long it has been seen in this wait; a lower bound.
    public var blocked: Duration
    /// Innermost first.
    public var stack: [Frame]
}

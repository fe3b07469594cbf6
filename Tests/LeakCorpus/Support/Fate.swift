// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What becomes of a waiter, as the scenario knows it.
enum Fate: Sendable {
    /// For ever; the verdicts that are right, best first.
    case stuck([Verdict], on: Primitive, certainty: [Certainty])
    /// Can be woken, and must not be accused.
    case silent(Stance)
    /// May be accused or not.
    case either

    enum Verdict: String, Encodable, Sendable {
        case orphaned, deadlock, abandoned
        case blockedBehind = "blocked_behind"
    }

    enum Certainty: String, Encodable, Sendable {
        case proven, suspected
    }

    /// How a silent one stands once the scenario stands.
    enum Stance: String, Encodable, Sendable {
        /// Suspended, or in a futex wait that has no end of its own; `release` lets it end.
        case waiting
        /// In a wait that the kernel or time ends.
        case blocked
        /// As `blocked`, and `release` does not let it end.
        case sleeping
        /// Runs, is queued, or blocks a worker; `release` lets it end.
        case busy
    }

    /// Nobody alive refers to what it waits for.
    static func orphaned(on primitive: Primitive) -> Fate {
        .stuck([.orphaned], on: primitive, certainty: [.proven])
    }

    /// As `orphaned`; but others that are stuck refer to what it waits for, so it also waits only for leaked ones.
    static func lost(on primitive: Primitive) -> Fate {
        .stuck([.orphaned, .blockedBehind], on: primitive, certainty: [.proven])
    }

    /// As `orphaned`, but somebody keeps its handle.
    static func lostButHandle(on primitive: Primitive) -> Fate {
        .stuck([.orphaned], on: primitive, certainty: [.suspected, .proven])
    }

    static func deadlock(on primitive: Primitive) -> Fate {
        .stuck([.deadlock], on: primitive, certainty: [.proven])
    }

    static func abandoned(on primitive: Primitive) -> Fate {
        .stuck([.abandoned], on: primitive, certainty: [.proven])
    }

    static func blockedBehind(on primitive: Primitive) -> Fate {
        .stuck([.blockedBehind], on: primitive, certainty: [.proven])
    }

    static let waiting = Fate.silent(.waiting)
    static let blocked = Fate.silent(.blocked)
    static let sleeping = Fate.silent(.sleeping)
    static let busy = Fate.silent(.busy)
}

/// What a waiter waits on: the names under which a look at threads or tasks may show it.
struct Primitive: Sendable {
    let names: [String]
    init(_ names: String...) { self.names = names }

    static let mutex = Primitive("pthread_mutex_t")
    static let lock = Primitive("NSLock", "pthread_mutex_t")
    static let recursiveLock = Primitive("NSRecursiveLock", "pthread_mutex_t")
    static let swiftMutex = Primitive("Mutex")
    static let readWriteLock = Primitive("pthread_rwlock_t")
    static let condition = Primitive("pthread_cond_t")
    static let objectCondition = Primitive("NSCondition", "pthread_cond_t")
    static let semaphore = Primitive("sem_t")
    static let barrier = Primitive("pthread_barrier_t")
    static let join = Primitive("pthread_join")
    static let dispatchSemaphore = Primitive("DispatchSemaphore")
    static let dispatchGroup = Primitive("DispatchGroup")
    static let queueSync = Primitive("DispatchQueue.sync")
    /// A channel of `Channel`: its threads sleep on a condition, its tasks on a continuation.
    static let channel = Primitive("pthread_cond_t", "continuation")

    static let continuation = Primitive("continuation")
    static let stream = Primitive("stream", "continuation")
    static let task = Primitive("task")
    static let group = Primitive("group")
    static let actor = Primitive("actor")
}

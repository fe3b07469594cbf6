// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

let lockScenarios = [
    Scenario("pthread-mutex-twice", .swiftKind, stuck: 1, "locks a pthread mutex twice") { stage in
        let mutex = PosixMutex()
        stage.thread("locker", .deadlock(on: .mutex)) {
            mutex.lock()
            mutex.lock()
        }
    },
    Scenario("nslock-twice", .swiftKind, stuck: 1, "locks an NSLock twice, deep in a call chain") { stage in
        let lock = NSLock()
        stage.thread("locker", .deadlock(on: .lock)) { lock.withLock { lock.withLock {} } }
    },
    Scenario("pthread-mutex-abandoned", .swiftKind, stuck: 1, "the mutex's holder has ended") { stage in
        let mutex = PosixMutex()
        afterEnd { mutex.lock() }
        stage.thread("locker", .abandoned(on: .mutex)) { mutex.lock() }
    },
    Scenario("nslock-abandoned", .swiftKind, stuck: 2, "the lock's holder has ended; two wait") { stage in
        let lock = NSLock()
        afterEnd { lock.lock() }
        for name in ["locker-1", "locker-2"] { stage.thread(name, .abandoned(on: .lock)) { lock.lock() } }
    },
    // Anybody could reach the lock, but only its holder may unlock it.
    Scenario("global-lock-abandoned", .swiftKind, stuck: 1, "the holder of a global lock has ended") { stage in
        afterEnd { GlobalLocks.first.lock() }
        stage.thread("locker", .abandoned(on: .lock)) { GlobalLocks.first.lock() }
    },
    Scenario("recursive-lock-abandoned", .swiftKind, stuck: 1, "the holder of a recursive lock has ended") { stage in
        let lock = NSRecursiveLock()
        afterEnd {
            lock.lock()
            lock.lock()
        }
        stage.thread("locker", .abandoned(on: .recursiveLock)) { lock.lock() }
    },
    Scenario("pthread-mutex-behind", .swiftKind, stuck: 2, "the mutex's holder waits for a lost semaphore") { stage in
        let mutex = PosixMutex()
        behindLost(stage, lock: { mutex.lock() }, .mutex)
    },
    Scenario("nslock-behind", .swiftKind, stuck: 2, "the lock's holder waits for a lost semaphore") { stage in
        let lock = NSLock()
        behindLost(stage, lock: { lock.lock() }, .lock)
    },
    Scenario("global-lock-behind", .swiftKind, stuck: 2, "the holder of a global lock waits for a lost semaphore") {
        stage in
        behindLost(stage, lock: { GlobalLocks.first.lock() }, .lock)
    },
    Scenario("recursive-lock-behind", .swiftKind, stuck: 2, "the recursive lock's holder waits for a lost semaphore") {
        stage in
        let lock = NSRecursiveLock()
        behindLost(stage, lock: { lock.lock() }, .recursiveLock)
    },
    Scenario(
        "condition-lock-behind", .swiftKind, stuck: 2, "the holder of a condition's lock waits for a lost semaphore"
    ) { stage in
        let condition = NSCondition()
        behindLost(stage, lock: { condition.lock() }, Primitive("NSCondition", "pthread_mutex_t"))
    },
    Scenario("swift-mutex-behind", .swiftKind, stuck: 2, "the holder of a Mutex waits for a lost semaphore") { stage in
        let box = GuardedNumber()
        let steps = Steps()
        stage.thread("holder", .orphaned(on: .dispatchSemaphore)) {
            box.number.withLock { _ in
                steps.done()
                DispatchSemaphore(value: 0).wait()
            }
        }
        stage.thread("locker", .blockedBehind(on: .swiftMutex)) {
            steps.wait(for: 1)
            box.number.withLock { $0 += 1 }
        }
    },
    Scenario(
        "lock-chain", .swiftKind, stuck: 5,
        "each of four waits for a lock whose holder waits for the next; the last is lost"
    ) { stage in
        let locks = (0..<4).map { _ in NSLock() }
        let steps = Steps()
        stage.thread("lost", .orphaned(on: .dispatchSemaphore)) {
            locks[0].lock()
            steps.done()
            DispatchSemaphore(value: 0).wait()
        }
        for number in 0..<4 {
            stage.thread("link-\(number)", .blockedBehind(on: .lock)) {
                steps.wait(for: 1 + number)
                if number < 3 { locks[number + 1].lock() }
                steps.done()
                locks[number].lock()
            }
        }
    },
]

let readWriteLockScenarios = [
    Scenario(
        "rwlock-reader-behind", .swiftKind, stuck: 2, "the writer waits for a lost semaphore, a reader for the writer"
    ) { stage in
        let lock = ReadWriteLock()
        behindLost(stage, lock: { lock.lockForWriting() }, .readWriteLock, wanting: { lock.lockForReading() })
    },
    Scenario("rwlock-writer-behind", .swiftKind, stuck: 2, "the writer waits for a lost semaphore, another for it") {
        stage in
        let lock = ReadWriteLock()
        behindLost(stage, lock: { lock.lockForWriting() }, .readWriteLock)
    },
    Scenario(
        "rwlock-writer-behind-reader", .swiftKind, stuck: 2,
        "a reader waits for a lost semaphore, a writer for the reader"
    ) { stage in
        let lock = ReadWriteLock()
        let steps = Steps()
        stage.thread("holder", .orphaned(on: .dispatchSemaphore)) {
            lock.lockForReading()
            steps.done()
            DispatchSemaphore(value: 0).wait()
            lock.unlock()
        }
        stage.thread("writer", .lost(on: .readWriteLock)) {
            steps.wait(for: 1)
            lock.lockForWriting()
        }
    },
    Scenario("rwlock-abandoned", .swiftKind, stuck: 2, "the writer has ended; a reader and a writer wait") { stage in
        let lock = ReadWriteLock()
        afterEnd { lock.lockForWriting() }
        stage.thread("reader", .abandoned(on: .readWriteLock)) { lock.lockForReading() }
        untilThreadWaits("reader")
        stage.thread("writer", .abandoned(on: .readWriteLock)) { lock.lockForWriting() }
    },
    Scenario("rwlock-ab-ba", .swiftKind, stuck: 2, "two writers, each wants the other's lock") { stage in
        let (one, other) = (ReadWriteLock(), ReadWriteLock())
        crossed(
            stage, .readWriteLock, [{ one.lockForWriting() }, { other.lockForWriting() }],
            [{ other.lockForReading() }, { one.lockForReading() }])
    },
]

let crossedLockScenarios = [
    Scenario("ab-ba-heap", .swiftKind, stuck: 2, "AB-BA with two locks on the heap") { stage in
        let locks = [NSLock(), NSLock()]
        crossed(stage, .lock, locks.map { lock in { lock.lock() } })
    },
    // Go's detector misses these: the locks can be reached, but only their holders unlock them.
    Scenario("ab-ba-global", .swiftKind, stuck: 2, "AB-BA with two global locks") { stage in
        crossed(stage, .lock, [{ GlobalLocks.first.lock() }, { GlobalLocks.second.lock() }])
    },
    Scenario("ab-ba-pthread-global", .swiftKind, stuck: 2, "AB-BA with two global pthread mutexes") { stage in
        crossed(stage, .mutex, [{ GlobalLocks.firstMutex.lock() }, { GlobalLocks.secondMutex.lock() }])
    },
    Scenario("ab-ba-recursive", .swiftKind, stuck: 2, "AB-BA with recursive locks") { stage in
        let locks = [NSRecursiveLock(), NSRecursiveLock()]
        crossed(
            stage, .recursiveLock,
            locks.map { lock in
                {
                    lock.lock()
                    lock.lock()
                }
            })
    },
    Scenario("ring-of-three-locks", .swiftKind, stuck: 3, "three threads, each wants the next one's lock") { stage in
        let locks = [PosixMutex(), PosixMutex(), PosixMutex()]
        crossed(stage, .mutex, locks.map { lock in { lock.lock() } })
    },
    Scenario(
        "ab-ba-with-a-queue-behind", .swiftKind, stuck: 4, "AB-BA with global locks, and two behind the second of them"
    ) { stage in
        crossed(stage, .lock, [{ GlobalLocks.first.lock() }, { GlobalLocks.second.lock() }])
        untilThreadWaits("crossed-0")
        untilThreadWaits("crossed-1")
        for name in ["behind-1", "behind-2"] {
            stage.thread(name, .blockedBehind(on: .lock)) { GlobalLocks.second.lock() }
        }
    },
]

enum GlobalLocks {
    static let first = NSLock()
    static let second = NSLock()
    static let firstMutex = PosixMutex()
    static let secondMutex = PosixMutex()
}

final class GuardedNumber: Sendable {
    let number = Mutex(0)
}

/// Returns when a thread that did this has ended.
@inline(never)
func afterEnd(_ body: @escaping @Sendable () -> Void) {
    pthread_join(startJoinableThread(body), nil)
}

/// One takes the lock and is lost; another wants the lock.
@inline(never)
private func behindLost(
    _ stage: Stage, lock: @escaping @Sendable () -> Void, _ primitive: Primitive,
    wanting: (@Sendable () -> Void)? = nil
) {
    let steps = Steps()
    stage.thread("holder", .orphaned(on: .dispatchSemaphore)) {
        lock()
        steps.done()
        DispatchSemaphore(value: 0).wait()
    }
    stage.thread("locker", .blockedBehind(on: primitive)) {
        steps.wait(for: 1)
        (wanting ?? lock)()
    }
}

/// As many threads as locks: each takes its own, and when all have, wants the next one's.
@inline(never)
private func crossed(
    _ stage: Stage, _ primitive: Primitive, _ locks: [@Sendable () -> Void], _ wants: [@Sendable () -> Void]? = nil
) {
    let steps = Steps()
    for number in locks.indices {
        let want = wants?[number] ?? locks[(number + 1) % locks.count]
        let mine = locks[number]
        let count = locks.count
        stage.thread("crossed-\(number)", .deadlock(on: primitive)) {
            mine()
            steps.done()
            steps.wait(for: count)
            want()
        }
    }
}

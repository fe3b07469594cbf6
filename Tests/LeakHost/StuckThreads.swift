// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Glibc
import Synchronization

private let firstGlobalLock = NSLock()
private let secondGlobalLock = NSLock()
/// Safe: initialised before the threads start, and pthread's own afterwards.
nonisolated(unsafe) private let abandonedMutex: UnsafeMutablePointer<pthread_mutex_t> = {
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    return mutex
}()

/// A pointer that goes to another thread.
struct Sent<Value>: @unchecked Sendable {
    let value: Value  // Safe: the scenarios hand each value to one thread, or use it through pthread only.
    init(_ value: Value) { self.value = value }
}

/// Threads that can never wake.
enum StuckThreads {
    static let names: Set<String> = [
        "leak-semaphore", "leak-group", "leak-nscond", "leak-cond", "leak-rwlock", "leak-barrier", "leak-abba-1",
        "leak-abba-2",
        "leak-join", "leak-joined", "leak-self", "leak-abandoned", "leak-sem_t", "leak-heldlock", "leak-holder",
    ]

    @inline(never)
    static func start() {
        semaphore()
        group()
        conditions()
        locks()
        join()
        holder()
    }

    @inline(never) private static func semaphore() {
        let semaphore = DispatchSemaphore(value: 0)
        startThread("leak-semaphore") { semaphore.wait() }
        let posix = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        sem_init(posix, 0, 0)
        let sent = Sent(posix)
        startThread("leak-sem_t") { sem_wait(sent.value) }
    }

    @inline(never) private static func group() {
        let group = DispatchGroup()
        group.enter()
        startThread("leak-group") { group.wait() }
    }

    @inline(never) private static func conditions() {
        let condition = Sent(NSCondition())
        startThread("leak-nscond") {
            condition.value.lock()
            condition.value.wait()
        }
        startThread("leak-cond") {
            let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
            let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
            pthread_mutex_init(mutex, nil)
            pthread_cond_init(condition, nil)
            pthread_mutex_lock(mutex)
            pthread_cond_wait(condition, mutex)
        }
        startThread("leak-rwlock") {
            let lock = UnsafeMutablePointer<pthread_rwlock_t>.allocate(capacity: 1)
            pthread_rwlock_init(lock, nil)
            pthread_rwlock_rdlock(lock)
            pthread_rwlock_wrlock(lock)
        }
        startThread("leak-barrier") {
            let barrier = UnsafeMutablePointer<pthread_barrier_t>.allocate(capacity: 1)
            pthread_barrier_init(barrier, nil, 2)
            pthread_barrier_wait(barrier)
        }
    }

    @inline(never) private static func locks() {
        let meeting = Sent(UnsafeMutablePointer<pthread_barrier_t>.allocate(capacity: 1))
        pthread_barrier_init(meeting.value, nil, 2)
        startThread("leak-abba-1") {
            firstGlobalLock.lock()
            pthread_barrier_wait(meeting.value)
            secondGlobalLock.lock()
        }
        startThread("leak-abba-2") {
            secondGlobalLock.lock()
            pthread_barrier_wait(meeting.value)
            firstGlobalLock.lock()
        }
        startThread("leak-self") {
            let lock = NSLock()
            lock.lock()
            lock.lock()
        }
        let gone = startThread("gone", joinable: true) { pthread_mutex_lock(abandonedMutex) }
        pthread_join(gone, nil)
        startThread("leak-abandoned") { pthread_mutex_lock(abandonedMutex) }
    }

    @inline(never) private static func join() {
        let semaphore = DispatchSemaphore(value: 0)
        let joined = startThread("leak-joined", joinable: true) { semaphore.wait() }
        startThread("leak-join") { pthread_join(joined, nil) }
    }

    /// One holds a lock and waits for ever, the other waits for the lock.
    @inline(never) private static func holder() {
        let lock = Sent(NSLock())
        let held = DispatchSemaphore(value: 0)
        startThread("leak-holder") {
            lock.value.lock()
            held.signal()
            DispatchSemaphore(value: 0).wait()
        }
        held.wait()
        startThread("leak-heldlock") { lock.value.lock() }
    }
}

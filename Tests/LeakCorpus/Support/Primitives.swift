// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What C has to wait on, each in a block of its own behind an object, which lives as long as somebody waits.
import Glibc

/// A pthread mutex. `NSLock` is one too; this one shows as what it is.
final class PosixMutex: @unchecked Sendable {
    // Safe: a pthread mutex is made for use from many threads, and never moves.
    let pointer = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() { pthread_mutex_init(pointer, nil) }

    deinit {
        pthread_mutex_destroy(pointer)
        pointer.deallocate()
    }

    @inline(never)
    func lock() { withExtendedLifetime(self) { _ = pthread_mutex_lock(pointer) } }
    func unlock() { pthread_mutex_unlock(pointer) }
}

/// A thread's place to sleep until it is woken, once.
final class Parker: @unchecked Sendable {
    // Safe: `isWoken` is under the mutex; the rest is made for use from many threads.
    private let mutex = PosixMutex()
    private let condition = PosixCondition()
    private var isWoken = false

    @inline(never)
    func park() {
        mutex.lock()
        while !isWoken { condition.wait(mutex) }
        mutex.unlock()
    }

    func wake() {
        mutex.lock()
        isWoken = true
        condition.broadcast()
        mutex.unlock()
    }
}

final class PosixCondition: @unchecked Sendable {
    // Safe: a pthread condition is made for use from many threads, and never moves.
    private let pointer = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() { pthread_cond_init(pointer, nil) }

    deinit {
        pthread_cond_destroy(pointer)
        pointer.deallocate()
    }

    @inline(never)
    func wait(_ mutex: PosixMutex) {
        withExtendedLifetime((self, mutex)) { _ = pthread_cond_wait(pointer, mutex.pointer) }
    }

    /// False when the time was over first.
    @inline(never)
    func wait(_ mutex: PosixMutex, until time: timespec) -> Bool {
        var time = time
        return withExtendedLifetime((self, mutex)) { pthread_cond_timedwait(pointer, mutex.pointer, &time) == 0 }
    }

    func signal() { pthread_cond_signal(pointer) }
    func broadcast() { pthread_cond_broadcast(pointer) }
}

/// A lock that lets no new reader in while a writer waits, as Go's does.
final class ReadWriteLock: @unchecked Sendable {
    // Safe: a pthread lock is made for use from many threads, and never moves.
    private let pointer = UnsafeMutablePointer<pthread_rwlock_t>.allocate(capacity: 1)

    init() {
        var attributes = pthread_rwlockattr_t()
        pthread_rwlockattr_init(&attributes)
        pthread_rwlockattr_setkind_np(&attributes, 2)  // PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP
        pthread_rwlock_init(pointer, &attributes)
        pthread_rwlockattr_destroy(&attributes)
    }

    deinit {
        pthread_rwlock_destroy(pointer)
        pointer.deallocate()
    }

    @inline(never)
    func lockForReading() { withExtendedLifetime(self) { _ = pthread_rwlock_rdlock(pointer) } }
    @inline(never)
    func lockForWriting() { withExtendedLifetime(self) { _ = pthread_rwlock_wrlock(pointer) } }
    func unlock() { pthread_rwlock_unlock(pointer) }
}

/// A lock for readers and writers made of a condition, which knows no owner: glibc's refuses a thread that locks twice.
final class ConditionReadWriteLock: @unchecked Sendable {
    // Safe: the counts are under the mutex.
    private let mutex = PosixMutex()
    private let condition = PosixCondition()
    private var readers = 0
    private var isWriting = false

    @inline(never)
    func lockForReading() {
        mutex.lock()
        while isWriting { condition.wait(mutex) }
        readers += 1
        mutex.unlock()
    }

    @inline(never)
    func lockForWriting() {
        mutex.lock()
        while isWriting || readers > 0 { condition.wait(mutex) }
        isWriting = true
        mutex.unlock()
    }

    func unlock() {
        mutex.lock()
        if isWriting { isWriting = false } else { readers -= 1 }
        condition.broadcast()
        mutex.unlock()
    }
}

final class PosixSemaphore: @unchecked Sendable {
    // Safe: a POSIX semaphore is made for use from many threads, and never moves.
    let pointer = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(pointer, 0, 0) }

    deinit {
        sem_destroy(pointer)
        pointer.deallocate()
    }

    @inline(never)
    func wait() { withExtendedLifetime(self) { Self.wait(pointer) } }
    func signal() { sem_post(pointer) }

    @inline(never)
    static func wait(_ pointer: UnsafeMutablePointer<sem_t>) {
        while sem_wait(pointer) != 0 && errno == EINTR {}
    }
}

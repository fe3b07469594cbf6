// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import ProcessSnapshot
import Synchronization
import Testing

/// Each primitive once: what a thread that waits on it shows, and who holds it.
@Suite struct BlockingPrimitiveTests {
    @Test func aMutexOfPthreadIsNamedWithItsAddressAndHolder() throws {
        let mutex = Pinned<pthread_mutex_t>()
        pthread_mutex_init(mutex.pointer, nil)
        let holder = Holder("holds-pmutex") { hold in
            pthread_mutex_lock(mutex.pointer)
            hold()
            pthread_mutex_unlock(mutex.pointer)
        }
        let waiter = BlockedThread("waits-pmutex") {
            pthread_mutex_lock(mutex.pointer)
            pthread_mutex_unlock(mutex.pointer)
        }
        let seen = try #require(try waiter.look())
        #expect(seen.systemCall == "futex")
        #expect(seen.waitingOn == BlockingPrimitive(kind: "pthread_mutex_t", address: mutex.address))
        #expect(seen.holder?.name == "holds-pmutex")
        holder.release()
        waiter.join()
    }

    @Test func aReadWriteLockIsNamedWithTheWriterThatHoldsIt() throws {
        let lock = Pinned<pthread_rwlock_t>()
        pthread_rwlock_init(lock.pointer, nil)
        let holder = Holder("holds-rwlock") { hold in
            pthread_rwlock_wrlock(lock.pointer)
            hold()
            pthread_rwlock_unlock(lock.pointer)
        }
        let reader = BlockedThread("reads-rwlock") {
            pthread_rwlock_rdlock(lock.pointer)
            pthread_rwlock_unlock(lock.pointer)
        }
        let writer = BlockedThread("writes-rwlock") {
            pthread_rwlock_wrlock(lock.pointer)
            pthread_rwlock_unlock(lock.pointer)
        }
        for waiter in [reader, writer] {
            let seen = try #require(try waiter.look(in: "rwlock"))
            #expect(
                seen.waitingOn == BlockingPrimitive(kind: "pthread_rwlock_t", address: lock.address), "\(waiter.name)")
            #expect(seen.holder?.name == "holds-rwlock")
        }
        holder.release()
        reader.join()
        writer.join()
    }

    @Test func aReadWriteLockIsNamedWhoeverWaitsWhileAReaderHoldsIt() throws {
        let lock = Pinned<pthread_rwlock_t>()
        let attributes = Pinned<pthread_rwlockattr_t>()
        pthread_rwlockattr_init(attributes.pointer)
        // PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP: a reader that comes after a waiting writer waits, too.
        pthread_rwlockattr_setkind_np(attributes.pointer, 2)
        pthread_rwlock_init(lock.pointer, attributes.pointer)
        let holder = Holder("reads-already") { hold in
            pthread_rwlock_rdlock(lock.pointer)
            hold()
            pthread_rwlock_unlock(lock.pointer)
        }
        let writer = BlockedThread("writes-next") {
            pthread_rwlock_wrlock(lock.pointer)
            pthread_rwlock_unlock(lock.pointer)
        }
        let writerSeen = try #require(try writer.look(in: "rwlock"))
        let reader = BlockedThread("reads-later") {
            pthread_rwlock_rdlock(lock.pointer)
            pthread_rwlock_unlock(lock.pointer)
        }
        let readerSeen = try #require(try reader.look(in: "rwlock"))
        for seen in [writerSeen, readerSeen] {
            #expect(
                seen.waitingOn == BlockingPrimitive(kind: "pthread_rwlock_t", address: lock.address), "\(seen.name)")
            #expect(seen.holder == nil, "readers leave no id")
        }
        holder.release()
        reader.join()
        writer.join()
    }

    @Test func aConditionOfPthreadIsNamedAndHasNoHolder() throws {
        let mutex = Pinned<pthread_mutex_t>()
        let condition = Pinned<pthread_cond_t>()
        pthread_mutex_init(mutex.pointer, nil)
        pthread_cond_init(condition.pointer, nil)
        let isDone = Atomic(false)
        let waiter = BlockedThread("waits-pcond") {
            pthread_mutex_lock(mutex.pointer)
            while !isDone.load(ordering: .relaxed) { pthread_cond_wait(condition.pointer, mutex.pointer) }
            pthread_mutex_unlock(mutex.pointer)
        }
        let seen = try #require(try waiter.look(in: "pthread_cond"))
        #expect(seen.waitingOn == BlockingPrimitive(kind: "pthread_cond_t", address: condition.address))
        #expect(seen.holder == nil)
        isDone.store(true, ordering: .relaxed)
        pthread_mutex_lock(mutex.pointer)
        pthread_cond_broadcast(condition.pointer)
        pthread_mutex_unlock(mutex.pointer)
        waiter.join()
    }

    @Test func aBarrierIsNamed() throws {
        let barrier = Pinned<pthread_barrier_t>()
        pthread_barrier_init(barrier.pointer, nil, 2)
        let waiter = BlockedThread("waits-barrier") { pthread_barrier_wait(barrier.pointer) }
        let seen = try #require(try waiter.look(in: "barrier"))
        #expect(seen.waitingOn == BlockingPrimitive(kind: "pthread_barrier_t", address: barrier.address))
        pthread_barrier_wait(barrier.pointer)
        waiter.join()
    }

    @Test func aJoinHasTheThreadThatMustEndAsItsHolder() throws {
        let isDone = Pinned<sem_t>()
        sem_init(isDone.pointer, 0, 0)
        let waiter = BlockedThread("waits-join") {
            var other = pthread_t()
            pthread_create(
                &other, nil,
                { argument in
                    sem_wait(argument!.assumingMemoryBound(to: sem_t.self))
                    return nil
                }, isDone.pointer)
            pthread_join(other, nil)
        }
        let seen = try #require(try waiter.look(in: "join"))
        #expect(seen.waitingOn?.kind == "pthread_join")
        #expect(seen.holder != nil)
        #expect(seen.holder?.id != seen.id)
        sem_post(isDone.pointer)
        waiter.join()
    }

    @Test func aDispatchSemaphoreIsNamedByItsSwiftObject() throws {
        let semaphore = DispatchSemaphore(value: 0)
        let waiter = BlockedThread("waits-dsema") { semaphore.wait() }
        let seen = try #require(try waiter.look(in: "_dispatch_semaphore_wait"))
        #expect(seen.waitingOn?.kind == "DispatchSemaphore")
        #expect(seen.waitingOn?.address == UInt(bitPattern: Unmanaged.passUnretained(semaphore).toOpaque()))
        semaphore.signal()
        waiter.join()
    }

    @Test func aDispatchGroupIsNamed() throws {
        let group = DispatchGroup()
        group.enter()
        let waiter = BlockedThread("waits-dgroup") { group.wait() }
        let seen = try #require(try waiter.look(in: "_dispatch_group_wait"))
        #expect(seen.waitingOn?.kind == "DispatchGroup")
        group.leave()
        waiter.join()
    }

    @Test func aQueueThatIsWaitedForIsNamedByItsLabelWithTheThreadThatRunsOnIt() throws {
        let queue = DispatchQueue(label: "recognisable.queue")
        let holder = Holder("holds-queue") { hold in queue.sync { hold() } }
        let waiter = BlockedThread("waits-queue") { queue.sync {} }
        let seen = try #require(try waiter.look(in: "_dispatch_sync_f_slow"))
        #expect(seen.waitingOn?.kind == "DispatchQueue.sync")
        #expect(seen.waitingOn?.label == "recognisable.queue")
        #expect(seen.holder?.name == "holds-queue")
        holder.release()
        waiter.join()
    }

    @Test func aMutexOfSwiftIsNamedWithItsHolder() throws {
        final class Guarded: Sendable { let value = Mutex(0) }
        let guarded = Guarded()
        let holder = Holder("holds-mutex") { hold in guarded.value.withLock { _ in hold() } }
        let waiter = BlockedThread("waits-mutex") { guarded.value.withLock { $0 += 1 } }
        let seen = try #require(try waiter.look(in: "Mutex"))
        #expect(seen.waitingOn?.kind == "Mutex")
        #expect(seen.holder?.name == "holds-mutex")
        holder.release()
        waiter.join()
    }

    @Test func locksOfFoundationAreNamedAsSuchWithTheirHolder() throws {
        let lock = NSLock()
        let recursive = NSRecursiveLock()
        let holder = Holder("holds-nslock") { hold in
            lock.withLock { recursive.withLock { hold() } }
        }
        let waiter = BlockedThread("waits-nslock") { lock.withLock {} }
        let other = BlockedThread("waits-nsrec") { recursive.withLock {} }
        for (waiter, kind) in [(waiter, "NSLock"), (other, "NSRecursiveLock")] {
            let seen = try #require(try waiter.look(in: "pthread_mutex_lock"))
            #expect(seen.waitingOn?.kind == kind)
            #expect(seen.holder?.name == "holds-nslock")
        }
        holder.release()
        waiter.join()
        other.join()
    }

    @Test func aConditionOfFoundationIsNamedAsSuch() throws {
        let condition = NSCondition()
        let isDone = Atomic(false)
        let waiter = BlockedThread("waits-nscond") {
            condition.withLock {
                while !isDone.load(ordering: .relaxed) { condition.wait() }
            }
        }
        let seen = try #require(try waiter.look(in: "pthread_cond_wait"))
        #expect(seen.waitingOn?.kind == "NSCondition")
        condition.withLock {
            isDone.store(true, ordering: .relaxed)
            condition.broadcast()
        }
        waiter.join()
    }
}

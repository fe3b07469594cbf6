// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Locks and more whose holder is not lost: it sleeps, reads, or waits itself for somebody who does.
import Foundation
import Synchronization

/// One takes the lock and reads a pipe until the bell rings; two want the lock.
@inline(never)
private func held(_ stage: Stage, lock: @escaping @Sendable () -> Void, unlock: @escaping @Sendable () -> Void) {
    let (bell, steps) = (Bell(), Steps())
    stage.thread("holder", .blocked) {
        lock()
        steps.done()
        _ = bell.wait()
        unlock()
    }
    steps.wait(for: 1)
    for name in ["locker-1", "locker-2"] {
        stage.thread(name, .waiting) {
            lock()
            unlock()
        }
    }
    stage.onRelease { bell.ring() }
}

let heldLockControls: [Scenario] = [
    .control("held-nslock", "a sleeping thread holds an NSLock") { stage in
        let lock = NSLock()
        held(stage, lock: { lock.lock() }, unlock: { lock.unlock() })
    },
    .control("held-global-lock", "a sleeping thread holds a global lock") { stage in
        held(stage, lock: { GlobalLocks.first.lock() }, unlock: { GlobalLocks.first.unlock() })
    },
    .control("held-recursive-lock", "a sleeping thread holds an NSRecursiveLock, twice") { stage in
        let lock = NSRecursiveLock()
        held(
            stage,
            lock: {
                lock.lock()
                lock.lock()
            },
            unlock: {
                lock.unlock()
                lock.unlock()
            })
    },
    .control("held-pthread-mutex", "a sleeping thread holds a pthread mutex") { stage in
        let mutex = PosixMutex()
        held(stage, lock: { mutex.lock() }, unlock: { mutex.unlock() })
    },
    .control("held-rwlock", "a sleeping thread holds a lock for writing") { stage in
        let lock = ReadWriteLock()
        held(stage, lock: { lock.lockForWriting() }, unlock: { lock.unlock() })
    },
    .control("rwlock-held-by-a-reader", "a sleeping reader keeps a writer out, and the writer the next reader") {
        stage in
        let (lock, bell, steps) = (ReadWriteLock(), Bell(), Steps())
        stage.thread("reader", .blocked) {
            lock.lockForReading()
            steps.done()
            _ = bell.wait()
            lock.unlock()
        }
        steps.wait(for: 1)
        stage.thread("writer", .waiting) {
            lock.lockForWriting()
            lock.unlock()
        }
        untilThreadWaits("writer")
        stage.thread("late-reader", .waiting) {
            lock.lockForReading()
            lock.unlock()
        }
        stage.onRelease { bell.ring() }
    },
    .control("held-mutex", "a sleeping thread holds a Synchronization.Mutex") { stage in
        let (box, bell, steps) = (GuardedNumber(), Bell(), Steps())
        stage.thread("holder", .blocked) {
            box.number.withLock { _ in
                steps.done()
                _ = bell.wait()
            }
        }
        steps.wait(for: 1)
        stage.thread("locker", .waiting) { box.number.withLock { $0 += 1 } }
        stage.onRelease { bell.ring() }
    },
    .control("held-by-a-busy-thread", "a thread that never stops holds a lock") { stage in
        let (lock, steps, isReleased) = (NSLock(), Steps(), Flag())
        stage.thread("holder", .busy) {
            lock.lock()
            steps.done()
            while !isReleased.isSet {}
            lock.unlock()
        }
        steps.wait(for: 1)
        stage.thread("locker", .waiting) {
            lock.lock()
            lock.unlock()
        }
        stage.onRelease { isReleased.set() }
    },
    .control("chain-of-held-locks", "each of twenty waits for a lock of the next, the last one sleeps") { stage in
        let locks = (0..<20).map { _ in NSLock() }
        let (bell, steps) = (Bell(), Steps())
        stage.thread("sleeper", .blocked) {
            locks[0].lock()
            steps.done()
            _ = bell.wait()
            locks[0].unlock()
        }
        for number in 0..<20 {
            stage.thread("link-\(number)", .waiting) {
                steps.wait(for: 1 + number)
                if number < 19 { locks[number + 1].lock() }
                steps.done()
                locks[number].lock()
                locks[number].unlock()
                if number < 19 { locks[number + 1].unlock() }
            }
        }
        stage.onRelease { bell.ring() }
    },
    .control("join-of-a-sleeping-thread", "two threads wait in a row for one that sleeps to end") { stage in
        let bell = Bell()
        stage.expect(.thread, "sleeper", .sleeping)
        stage.expect(.thread, "joiner", .waiting)
        stage.thread("outer", .waiting) {
            let joiner = startJoinableThread {
                nameThread("joiner")
                let sleeper = startJoinableThread {
                    nameThread("sleeper")
                    _ = bell.wait()
                }
                pthread_join(sleeper, nil)
                Stage.noteEnd(of: "joiner")
            }
            pthread_join(joiner, nil)
        }
        stage.onRelease { bell.ring() }
    },
    .control("condition-of-a-sleeping-thread", "a sleeping thread will signal the condition") { stage in
        let (condition, bell, isDone) = (NSCondition(), Bell(), Flag())
        stage.thread("waiter", .waiting) {
            condition.lock()
            while !isDone.isSet { condition.wait() }
            condition.unlock()
        }
        stage.thread("sleeper", .blocked) {
            guard bell.wait() == .release else { return }
            isDone.set()
            condition.lock()
            condition.broadcast()
            condition.unlock()
        }
        stage.onCommands(ring: bell)
    },
    .control("group-of-a-sleeping-thread", "a sleeping thread will leave the group") { stage in
        let (group, bell) = (DispatchGroup(), Bell())
        group.enter()
        stage.thread("waiter", .waiting) { group.wait() }
        stage.thread("sleeper", .blocked) { if bell.wait() == .release { group.leave() } }
        stage.onCommands(ring: bell)
    },
    .control("actor-with-a-job-that-reads", "an actor's job reads a pipe, tasks are queued behind it") { stage in
        let (actor, bell, steps) = (ReadingActor(), Bell(), Steps())
        stage.expect(.thread, "actor-job", .sleeping)
        stage.task("runner", .busy) { await actor.read(bell, steps) }
        steps.wait(for: 1)
        for number in 0..<3 { stage.task("queued-\(number)", .busy) { await actor.look() } }
        stage.onRelease { bell.ring() }
    },
]

private actor ReadingActor {
    private var looks = 0
    func look() { looks += 1 }

    func read(_ bell: Bell, _ steps: Steps) {
        nameThread("actor-job")
        steps.done()
        _ = bell.wait()
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation

let doubleLockingKernels = [
    // A break leaves the loop without unlocking; the next function locks again.
    Scenario("cockroach584", .kernel, stuck: 1, "locks again what a break forgot to unlock") { stage in
        stage.thread("gossip", .deadlock(on: .lock)) {
            let gossip = LockedState()
            gossip.bootstrap()
            gossip.manage()
        }
    },
    // Renew holds the lock and calls back into what locks it.
    Scenario("etcd10492", .kernel, stuck: 1, "a callback locks what its caller holds") { stage in
        let lessor = LockedState()
        stage.thread("renew", .deadlock(on: .lock)) {
            lessor.lock.lock()
            let checkpoint = { lessor.lock.lock() }
            checkpoint()
        }
    },
    // The error path returns without unlocking; closing then waits for the reader that is itself.
    Scenario("etcd5509", .kernel, stuck: 1, "an error return keeps the read lock, closing wants it for writing") {
        stage in
        stage.thread(
            "close", .stuck([.orphaned, .deadlock], on: .readWriteLock, certainty: [.proven])
        ) {
            let remote = ReadWriteLock()
            remote.lockForReading()
            remote.lockForWriting()
        }
    },
    // A second graceful stop finds connections and locks once more; the serving thread wants the same lock.
    Scenario("grpc795", .kernel, stuck: 2, "a second stop locks twice, and the server waits for the lock") { stage in
        let server = LockedState()
        let steps = Steps()
        stage.thread("stop", .deadlock(on: .lock)) {
            server.lock.lock()
            steps.done()
            server.lock.lock()
        }
        steps.wait(for: 1)
        stage.thread("serve", .blockedBehind(on: .lock)) {
            server.lock.lock()
            server.lock.unlock()
        }
    },
    // A continue skips the unlock at the end of the loop's body.
    Scenario("moby7559", .kernel, stuck: 1, "a loop locks again after a continue that skipped the unlock") { stage in
        let proxy = LockedState()
        stage.thread("proxy", .deadlock(on: .lock)) {
            while true {
                proxy.lock.lock()
                if opaque(1) == 1 { continue }
                proxy.lock.unlock()
            }
        }
    },
    Scenario("moby36114", .kernel, stuck: 1, "adding holds the lock and calls removing, which locks it") { stage in
        let machine = LockedState()
        stage.thread("hot-add", .deadlock(on: .lock)) { machine.addAndRemove() }
    },
    // The lock for readers and writers knows no owner here: glibc's own refuses this call instead of waiting.
    Scenario("syncthing4829", .kernel, stuck: 1, "locks for writing, then notifies, which locks for reading") { stage in
        let mapping = ConditionReadWriteLock()
        stage.thread("clear-address", .orphaned(on: .condition)) {
            mapping.lockForWriting()
            let notify = { mapping.lockForReading() }
            notify()
        }
    },
]

private final class LockedState: Sendable {
    let lock = NSLock()

    @inline(never)
    func bootstrap() {
        lock.lock()
        while true {
            if opaque(1) == 1 { break }
            lock.unlock()
            return
        }
    }

    @inline(never)
    func manage() {
        lock.lock()
        lock.unlock()
    }

    @inline(never)
    func addAndRemove() {
        lock.lock()
        defer { lock.unlock() }
        remove()
    }

    @inline(never)
    private func remove() {
        lock.lock()
        lock.unlock()
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation

let conditionKernels = [
    // The signal comes before the wait and is lost; two more wait for what would have followed.
    Scenario(
        "kubernetes11298", .kernel, stuck: 3, "a signal is given before anybody waits; two wait for those behind it"
    ) { stage in
        let (signalled, after, finished, steps) = (NSCondition(), Channel(), Channel(), Steps())
        signalled.signal()
        stage.thread("after-cond", .lost(on: .objectCondition)) {
            signalled.lock()
            steps.done()
            while opaque(1) == 1 { signalled.wait() }
            after.close()
        }
        stage.thread("after-recv", .lost(on: .channel)) {
            steps.wait(for: 1)
            _ = after.receive()
            finished.close()
        }
        stage.thread("parent", .lost(on: .channel)) { _ = finished.receive() }
    },
    // Reading waits for the file's removal; the watcher cannot deliver the event, as nobody takes its events any more.
    Scenario("moby27782", .kernel, stuck: 2, "waits for an event that the watcher cannot deliver") { stage in
        let (removed, events, closed) = (NSCondition(), Channel(), Channel())
        stage.thread("read-logs", .lost(on: .objectCondition)) {
            removed.lock()
            while opaque(1) == 1 { removed.wait() }
        }
        stage.thread("read-events", .lost(on: .channel)) {
            _ = Channel.select([.send(events, 1), .receive(closed)])
            removed.signal()
        }
    },
    Scenario("moby30408", .kernel, stuck: 2, "the error path gives no signal; one more waits for the waiter") { stage in
        let (active, waited) = (NSCondition(), Channel())
        stage.thread("wait-active", .lost(on: .objectCondition)) {
            active.lock()
            while opaque(1) == 1 { active.wait() }
            waited.close()
        }
        stage.thread("parent", .lost(on: .channel)) { _ = waited.receive() }
    },
]

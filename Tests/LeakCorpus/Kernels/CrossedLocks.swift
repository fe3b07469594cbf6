// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation

let abBaKernels = [
    Scenario("cockroach7504", .kernel, stuck: 2, "a lease's lock against the name cache's") { stage in
        crossed(stage, "purge", "acquire")
    },
    Scenario("cockroach10214", .kernel, stuck: 2, "the coalesced heartbeats' lock against a replica's") { stage in
        crossed(stage, "send-heartbeats", "tick")
    },
    Scenario("kubernetes30872", .kernel, stuck: 3, "the informer's lock against the queue's, and one more behind them")
    { stage in
        let steps = Steps()
        let informer = NSLock()
        let queue = NSLock()
        stage.thread("deliverer", .deadlock(on: .lock)) {
            informer.lock()
            steps.done()
            steps.wait(for: 2)
            queue.lock()
        }
        stage.thread("controller", .deadlock(on: .lock)) {
            queue.lock()
            steps.done()
            steps.wait(for: 2)
            informer.lock()
        }
        stage.thread("namespaces", .blockedBehind(on: .lock)) {
            steps.wait(for: 2)
            queue.lock()
        }
    },
]

@inline(never)
private func crossed(_ stage: Stage, _ first: String, _ second: String) {
    let steps = Steps()
    let one = NSLock()
    let other = NSLock()
    for (name, mine, theirs) in [(first, one, other), (second, other, one)] {
        stage.thread(name, .deadlock(on: .lock)) {
            mine.lock()
            steps.done()
            steps.wait(for: 2)
            theirs.lock()
        }
    }
}

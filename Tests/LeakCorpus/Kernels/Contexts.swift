// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

let contextKernels = [
    Scenario("cockroach13197-thread", .kernel, stuck: 1, "waits for a context that nobody cancels") { stage in
        let context = Context()
        stage.thread("await-done", .orphaned(on: .channel)) { _ = context.done.receive() }
    },
    Scenario("cockroach13197-task", .kernel, stuck: 1, "waits for a context that nobody cancels") { stage in
        let context = Context(from: Context())
        stage.task("await-done", .orphaned(on: .continuation)) { _ = await context.done.receive() }
    },
    Scenario("kubernetes25331-thread", .kernel, stuck: 1, "cancels its context, then sends a result that nobody reads")
    { stage in
        let (context, result) = (Context(), Channel())
        stage.thread("run", .orphaned(on: .channel)) {
            context.cancel()
            result.send(1)
        }
        // The reader leaves with the context.
        _ = context.done.receive()
    },
    Scenario("kubernetes25331-task", .kernel, stuck: 1, "cancels its context, then sends a result that nobody reads") {
        stage in
        let (context, result) = (Context(), Channel())
        stage.task("run", .orphaned(on: .continuation)) {
            context.cancel()
            await result.send(1)
        }
        _ = context.done.receive()
    },
    Scenario(
        "cockroach1462-thread", .kernel, stuck: 2, "an event's consumer saw the stop; the sender waits, and stop for it"
    ) { stage in
        let (stopper, events) = (WaitGroup(), Channel())
        stopper.add()
        stage.thread("run-workers", .lost(on: .channel)) {
            events.send(1)
            stopper.done()
        }
        stage.thread("stop", .lost(on: .dispatchGroup)) { stopper.wait() }
    },
    Scenario(
        "cockroach1462-task", .kernel, stuck: 2, "an event's consumer saw the stop; the sender waits, and stop for it"
    ) { stage in
        let (stopper, events) = (WaitGroup(), Channel())
        stopper.add()
        stage.task("run-workers", .lost(on: .continuation)) {
            await events.send(1)
            stopper.done()
        }
        stage.task("stop", .lost(on: .continuation)) { await stopper.wait() }
    },
]

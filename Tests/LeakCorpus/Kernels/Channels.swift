// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

let channelKernels = [
    Scenario("cockroach24808-thread", .kernel, stuck: 1, "sends to a full channel before its worker is started") {
        stage in
        stage.thread("compactor", .orphaned(on: .channel)) {
            let suggestions = Channel(capacity: 1)
            suggestions.send(0)
            suggestions.send(0)
            startThread { _ = suggestions.receive() }
        }
    },
    Scenario("cockroach24808-task", .kernel, stuck: 1, "sends to a full channel before its worker is started") {
        stage in
        stage.task("compactor", .orphaned(on: .continuation)) {
            let suggestions = Channel(capacity: 1)
            await suggestions.send(0)
            await suggestions.send(0)
            Task { await suggestions.receive() }
        }
    },
    Scenario("cockroach35073-thread", .kernel, stuck: 2, "two push to a full channel whose consumer never drains it") {
        stage in
        let rows = Channel(capacity: 16)
        for item in 0..<16 { rows.send(item) }
        for name in ["pusher-1", "pusher-2"] { stage.thread(name, .lost(on: .channel)) { rows.send(1) } }
    },
    Scenario("cockroach35073-task", .kernel, stuck: 2, "two push to a full channel whose consumer never drains it") {
        stage in
        let rows = Channel(capacity: 16)
        for item in 0..<16 { rows.send(item) }
        for name in ["pusher-1", "pusher-2"] { stage.task(name, .lost(on: .continuation)) { await rows.send(1) } }
    },
    Scenario("etcd6857-thread", .kernel, stuck: 1, "the run loop has stopped; status sends to it") { stage in
        stoppedLoop { status in stage.thread("status", .orphaned(on: .channel)) { status.send(1) } }
    },
    Scenario("etcd6857-task", .kernel, stuck: 1, "the run loop has stopped; status sends to it") { stage in
        stoppedLoop { status in stage.task("status", .orphaned(on: .continuation)) { await status.send(1) } }
    },
    Scenario("grpc1275-thread", .kernel, stuck: 1, "a stream is closed without a word to its reader") { stage in
        closedStream { read in stage.thread("reader", .orphaned(on: .channel)) { _ = read.receive() } }
    },
    Scenario("grpc1275-task", .kernel, stuck: 1, "a stream is closed without a word to its reader") { stage in
        closedStream { read in stage.task("reader", .orphaned(on: .continuation)) { _ = await read.receive() } }
    },
    Scenario("kubernetes70277-thread", .kernel, stuck: 1, "waits for a channel that only its own return would close") {
        stage in
        stage.thread("poller", .orphaned(on: .channel)) {
            let done = Channel()
            defer { done.close() }
            _ = done.receive()
        }
    },
    Scenario("kubernetes70277-task", .kernel, stuck: 1, "waits for a channel that only its own return would close") {
        stage in
        stage.task("poller", .orphaned(on: .continuation)) {
            let done = Channel()
            defer { done.close() }
            _ = await done.receive()
        }
    },
    // The consumer of progress leaves: the sender waits for it, the watcher for the sender, the releaser for both.
    Scenario(
        "moby21233-thread", .kernel, stuck: 3, "the consumer of progress leaves; sender, watcher and releaser wait"
    ) { stage in
        let transfer = Transfer()
        stage.thread("sender", .lost(on: .channel)) {
            transfer.progress.send(1)
            transfer.sent.close()
        }
        stage.thread("watcher", .lost(on: .channel)) {
            _ = Channel.select([.receive(transfer.sent), .receive(transfer.signal)])
            transfer.released.close()
        }
        stage.thread("releaser", .lost(on: .channel)) { _ = transfer.released.receive() }
    },
    Scenario("moby21233-task", .kernel, stuck: 3, "the consumer of progress leaves; sender, watcher and releaser wait")
    { stage in
        let transfer = Transfer()
        stage.task("sender", .lost(on: .continuation)) {
            await transfer.progress.send(1)
            transfer.sent.close()
        }
        stage.task("watcher", .lost(on: .continuation)) {
            _ = await Channel.select([.receive(transfer.sent), .receive(transfer.signal)])
            transfer.released.close()
        }
        stage.task("releaser", .lost(on: .continuation)) { _ = await transfer.released.receive() }
    },
    // Draining a timer's channel that is already drained; the other worker wants to reset the timer.
    Scenario("istio18454-thread", .kernel, stuck: 2, "drains a timer that is drained; the other waits to reset it") {
        stage in
        let timer = Channel(capacity: 1)
        let reset = Channel()
        timer.send(0)
        _ = timer.receive()
        stage.thread("worker", .lost(on: .channel)) {
            _ = timer.receive()
            _ = reset.receive()
        }
        stage.thread("handler", .lost(on: .channel)) { reset.send(1) }
    },
    Scenario("istio18454-task", .kernel, stuck: 2, "drains a timer that is drained; the other waits to reset it") {
        stage in
        let timer = Channel(capacity: 1)
        let reset = Channel()
        timer.send(0)
        _ = timer.receive()
        stage.task("worker", .lost(on: .continuation)) {
            _ = await timer.receive()
            _ = await reset.receive()
        }
        stage.task("handler", .lost(on: .continuation)) { await reset.send(1) }
    },
]

private final class Transfer: Sendable {
    let progress = Channel()
    let sent = Channel()
    let signal = Channel()
    let released = Channel()
}

@inline(never)
private func stoppedLoop(start: (Channel) -> Void) {
    let status = Channel()
    let stop = Channel()
    let hasStopped = Steps()
    startThread {
        _ = Channel.select([.receive(stop), .receive(status)])
        hasStopped.done()
    }
    stop.send(1)
    hasStopped.wait(for: 1)
    start(status)
}

@inline(never)
private func closedStream(start: (Channel) -> Void) {
    let read = Channel()
    start(read)
    until { read.waiting == 1 }
    // Closing forgets the stream, and sends no error to `read`.
}

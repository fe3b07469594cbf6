// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The six common patterns and the two stress programs of Go's corpus.
import DebugEndpointClient
import Foundation

let patternScenarios = [
    Scenario(
        "no-close-range-thread", .pattern, stuck: 4,
        "workers range over a channel that is never closed; one sender has none"
    ) { stage in
        noCloseRange(stage, workers: 3, "ranger") { name, channel in
            stage.thread(name, .lost(on: .channel)) { while channel.receive() != nil {} }
        } send: { channel in
            for item in 0..<3 { channel.send(item) }
        }
        stage.thread("sender", .orphaned(on: .channel)) {
            // Without workers nobody takes the first item.
            Channel().send(0)
        }
    },
    Scenario(
        "no-close-range-task", .pattern, stuck: 4,
        "workers range over a channel that is never closed; one sender has none"
    ) { stage in
        noCloseRange(stage, workers: 3, "ranger") { name, channel in
            stage.task(name, .lost(on: .continuation)) { while await channel.receive() != nil {} }
        } send: { channel in
            for item in 0..<3 { channel.send(item) }
        }
        stage.task("sender", .orphaned(on: .continuation)) { await Channel().send(0) }
    },
    Scenario(
        "method-contract-violation-thread", .pattern, stuck: 1, "a worker is started and its stop never called"
    ) { stage in
        let worker = Worker()
        stage.thread("worker", .orphaned(on: .channel)) {
            while Channel.select([.receive(worker.jobs), .receive(worker.stopping)]).arm == 0 {}
        }
    },
    Scenario(
        "method-contract-violation-task", .pattern, stuck: 1, "a worker is started and its stop never called"
    ) { stage in
        let worker = Worker()
        stage.task("worker", .orphaned(on: .continuation)) {
            while await Channel.select([.receive(worker.jobs), .receive(worker.stopping)]).arm == 0 {}
        }
    },
    Scenario("double-send-thread", .pattern, stuck: 1, "a return is missing, so the second send has no receiver") {
        stage in
        let channel = Channel()
        stage.thread("sender", .orphaned(on: .channel)) {
            channel.send(-1)
            channel.send(1)
        }
        _ = channel.receive()
    },
    Scenario("double-send-task", .pattern, stuck: 1, "a return is missing, so the second send has no receiver") {
        stage in
        let channel = Channel()
        stage.task("sender", .orphaned(on: .continuation)) {
            await channel.send(-1)
            await channel.send(1)
        }
        _ = channel.receive()
    },
    Scenario("early-return-thread", .pattern, stuck: 1, "the receiver returns on an error before it receives") {
        stage in
        earlyReturn { channel in stage.thread("sender", .orphaned(on: .channel)) { channel.send(1) } }
    },
    Scenario("early-return-task", .pattern, stuck: 1, "the receiver returns on an error before it receives") { stage in
        earlyReturn { channel in stage.task("sender", .orphaned(on: .continuation)) { await channel.send(1) } }
    },
    Scenario(
        "n-cast-leak-thread", .pattern, stuck: 5,
        "the first of five results wins, four senders wait; one receives from nobody"
    ) { stage in
        nCast { name, channel in stage.thread(name, .lost(on: .channel)) { channel.send(1) } }
        stage.thread("receiver", .orphaned(on: .channel)) { _ = Channel().receive() }
    },
    Scenario(
        "n-cast-leak-task", .pattern, stuck: 5,
        "the first of five results wins, four senders wait; one receives from nobody"
    ) { stage in
        nCast { name, channel in stage.task(name, .lost(on: .continuation)) { await channel.send(1) } }
        stage.task("receiver", .orphaned(on: .continuation)) { _ = await Channel().receive() }
    },
    Scenario("timeout-thread", .pattern, stuck: 10, "the receiver leaves when its time is over, the sender stays") {
        stage in
        for number in 0..<10 {
            timeout { channel in stage.thread("sender-\(number)", .orphaned(on: .channel)) { channel.send(1) } }
        }
    },
    Scenario("timeout-task", .pattern, stuck: 10, "the receiver leaves when its time is over, the sender stays") {
        stage in
        for number in 0..<10 {
            timeout { channel in
                stage.task("sender-\(number)", .orphaned(on: .continuation)) { await channel.send(1) }
            }
        }
    },
    Scenario("spawn-gc", .pattern, stuck: 206, "a tree of lost tasks, each of which asks for a leak report meanwhile") {
        stage in
        let steps = Steps()
        spawn(5, "node", stage, steps)
        steps.wait(for: 206)
    },
    .control("daisy-chain-thread", "a chain of 1000 threads, each woken by the next, whose last one sleeps") { stage in
        let bell = Bell()
        var next = PosixSemaphore()
        let first = next
        stage.thread("link-0", .waiting) { first.wait() }
        for number in 1..<999 {
            let (mine, woken) = (PosixSemaphore(), next)
            stage.thread("link-\(number)", .waiting) {
                mine.wait()
                woken.signal()
            }
            next = mine
        }
        let last = next
        stage.thread("sleeper", .blocked) {
            if bell.wait() == .release { last.signal() }
        }
        stage.onCommands(ring: bell)
    },
    .control("daisy-chain-task", "a chain of 1000 tasks, each woken by the next, whose last one sleeps on a thread") {
        stage in
        let bell = Bell()
        var next = Channel()
        let first = next
        stage.task("link-0", .waiting) { _ = await first.receive() }
        for number in 1..<999 {
            let (mine, woken) = (Channel(), next)
            stage.task("link-\(number)", .waiting) {
                _ = await mine.receive()
                woken.close()
            }
            next = mine
        }
        let last = next
        stage.thread("sleeper", .blocked) {
            if bell.wait() == .release { last.close() }
        }
        stage.onCommands(ring: bell)
    },
]

private final class Worker: Sendable {
    let jobs = Channel()
    let stopping = Channel()
}

@inline(never)
private func noCloseRange(
    _ stage: Stage, workers: Int, _ name: String, start: (String, Channel) -> Void, send: (Channel) -> Void
) {
    let channel = Channel()
    for number in 0..<workers { start("\(name)-\(number)", channel) }
    until { channel.waiting == workers }
    send(channel)
    until { channel.waiting == workers }
}

@inline(never)
private func earlyReturn(start: (Channel) -> Void) {
    let channel = Channel()
    start(channel)
    until { channel.waiting == 1 }
    guard opaque(1) == 0 else { return }  // the error
    _ = channel.receive()
}

@inline(never)
private func nCast(start: (String, Channel) -> Void) {
    let channel = Channel()
    startThread { channel.send(0) }
    until { channel.waiting == 1 }
    for number in 0..<4 { start("sender-\(number)", channel) }
    until { channel.waiting == 5 }
    // First come, first served: the winner is the one that nobody expects anything of.
    _ = channel.receive()
}

@inline(never)
private func timeout(start: (Channel) -> Void) {
    let channel = Channel()
    let context = Context()
    context.cancel()
    // The time is over before the sender is there: Go's program leaves it to chance and leaks every other time.
    if Channel.selectNow([.receive(context.done), .receive(channel)])?.arm == 0 { start(channel) }
}

private func spawn(_ depth: Int, _ name: String, _ stage: Stage, _ steps: Steps) {
    stage.task(name, .orphaned(on: .continuation)) {
        for number in 0..<(depth > 1 ? depth : 0) { spawn(depth - 1, "\(name).\(number)", stage, steps) }
        if depth > 2 { askForReport() }
        steps.done()
        _ = await Channel().receive()
    }
}

/// From the inner nodes alone: two hundred requests at a time would only measure the queue of clients.
private func askForReport() {
    _ = try? DebugClient(port: Surroundings.port).get("/debug/leaks?format=json")
}

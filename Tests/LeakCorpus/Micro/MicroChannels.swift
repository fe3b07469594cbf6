// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// One wait on a channel each, as a thread and as a task.

let microChannelScenarios = [
    // A nil channel is one that nobody else can ever have.
    Scenario("nil-recv-thread", .micro, stuck: 1, "receives where there is no channel") { stage in
        stage.thread("receiver", .orphaned(on: .channel)) { _ = Channel.select([]) }
    },
    Scenario("nil-recv-task", .micro, stuck: 1, "receives where there is no channel") { stage in
        stage.task("receiver", .orphaned(on: .channel)) { _ = await Channel.select([]) }
    },
    Scenario("nil-send-thread", .micro, stuck: 1, "sends where there is no channel") { stage in
        stage.thread("sender", .orphaned(on: .channel)) { _ = Channel.select(armsOfSend(to: nil)) }
    },
    Scenario("nil-send-task", .micro, stuck: 1, "sends where there is no channel") { stage in
        stage.task("sender", .orphaned(on: .channel)) { _ = await Channel.select(armsOfSend(to: nil)) }
    },
    Scenario("select-no-cases-thread", .micro, stuck: 1, "a select without cases") { stage in
        stage.thread("selector", .orphaned(on: .channel)) {
            let arms: [Channel.Arm] = []
            _ = Channel.select(arms)
        }
    },
    Scenario("select-no-cases-task", .micro, stuck: 1, "a select without cases") { stage in
        stage.task("selector", .orphaned(on: .channel)) {
            let arms: [Channel.Arm] = []
            _ = await Channel.select(arms)
        }
    },
    Scenario("chan-recv-thread", .micro, stuck: 1, "receives from a channel nobody else has") { stage in
        stage.thread("receiver", .orphaned(on: .channel)) { _ = Channel().receive() }
    },
    Scenario("chan-recv-task", .micro, stuck: 1, "receives from a channel nobody else has") { stage in
        stage.task("receiver", .orphaned(on: .channel)) { _ = await Channel().receive() }
    },
    Scenario("chan-send-thread", .micro, stuck: 1, "sends to a channel nobody else has") { stage in
        stage.thread("sender", .orphaned(on: .channel)) { Channel().send(1) }
    },
    Scenario("chan-send-task", .micro, stuck: 1, "sends to a channel nobody else has") { stage in
        stage.task("sender", .orphaned(on: .channel)) { await Channel().send(1) }
    },
    Scenario("select-thread", .micro, stuck: 1, "selects among two channels nobody else has") { stage in
        stage.thread("selector", .orphaned(on: .channel)) {
            _ = Channel.select([.send(Channel(), 1), .receive(Channel())])
        }
    },
    Scenario("select-task", .micro, stuck: 1, "selects among two channels nobody else has") { stage in
        stage.task("selector", .orphaned(on: .channel)) {
            _ = await Channel.select([.send(Channel(), 1), .receive(Channel())])
        }
    },
    Scenario(
        "mixed-thread", .micro, stuck: 2, "the parent waits for a group, its child sends to the parent"
    ) { stage in
        stage.thread("parent", .lost(on: .dispatchGroup)) {
            let group = WaitGroup()
            let channel = Channel()
            group.add()
            stage.thread("child", .lost(on: .channel)) {
                channel.send(1)
                group.done()
            }
            group.wait()
            _ = channel.receive()
        }
        untilThreadWaits("child")
    },
    Scenario(
        "mixed-task", .micro, stuck: 2, "the parent waits for a group, its child sends to the parent"
    ) { stage in
        let steps = Steps()
        stage.task("parent", .lost(on: .continuation)) {
            let group = WaitGroup()
            let channel = Channel()
            group.add()
            stage.task("child", .lost(on: .continuation)) {
                await channel.send(1)
                group.done()
            }
            steps.done()
            await group.wait()
            _ = await channel.receive()
        }
        steps.wait(for: 1)
    },
    // In Go main in `select {}` can never wake, so the child is stuck. Our main can be woken: neither is accused.
    .control("select-no-cases-main", "main is in select, and a child receives from a channel only main has") { stage in
        let channel = Channel()
        let bell = Bell()
        stage.thread("child", .waiting) { _ = channel.receive() }
        stage.onMain { MainInSelect.hold(channel, until: bell) }
        stage.onRelease { bell.ring() }
    },
    .control("no-leak-global", "the channel is in a global") { stage in
        GlobalChannel.channel = Channel()
        stage.thread("receiver", .waiting) { _ = GlobalChannel.channel.receive() }
        stage.task("receiver-task", .waiting) { _ = await GlobalChannel.channel.receive() }
        stage.onRelease { GlobalChannel.channel.close() }
        stage.onDrop {
            GlobalChannel.channel = Channel()
        }
    },
]

private func armsOfSend(to channel: Channel?) -> [Channel.Arm] {
    channel.map { [.send($0, 1)] } ?? []
}

enum GlobalChannel {
    // Safe: written by the builder before it starts anybody, and by the commands' thread.
    nonisolated(unsafe) static var channel = Channel()
}

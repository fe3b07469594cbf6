// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import AsyncAlgorithms

let asyncChannelScenarios = [
    Scenario("async-channel-receive", .swiftKind, stuck: 1, "receives from an AsyncChannel nobody sends to") { stage in
        stage.task("receiver", .orphaned(on: .continuation)) {
            for await _ in AsyncChannel<Int>() {}
        }
    },
    Scenario("async-channel-send", .swiftKind, stuck: 2, "two send to an AsyncChannel that nobody receives from") {
        stage in
        let channel = AsyncChannel<Int>()
        for number in 0..<2 {
            stage.task("sender-\(number)", .lost(on: .continuation)) { await channel.send(number) }
        }
    },
    Scenario(
        "async-throwing-channel", .swiftKind, stuck: 2, "one receives and one sends, on two channels nobody else has"
    ) { stage in
        stage.task("receiver", .orphaned(on: .continuation)) {
            do { for try await _ in AsyncThrowingChannel<Int, any Error>() {} } catch {}
        }
        stage.task("sender", .orphaned(on: .continuation)) { await AsyncThrowingChannel<Int, any Error>().send(1) }
    },
    Scenario(
        "async-channel-behind", .swiftKind, stuck: 2, "the sender awaits a lost continuation, the receiver the sender"
    ) { stage in
        let channel = AsyncChannel<Int>()
        stage.task("sender", .orphaned(on: .continuation)) {
            await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            await channel.send(1)
        }
        stage.task("receiver", .lost(on: .continuation)) { for await _ in channel {} }
    },
]

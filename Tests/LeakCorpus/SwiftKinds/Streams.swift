// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

private typealias ThrowingStream = AsyncThrowingStream<Int, any Error>

let streamScenarios = [
    Scenario("async-stream", .swiftKind, stuck: 1, "iterates a stream whose continuation is lost") { stage in
        stage.task("consumer", .orphaned(on: .stream)) {
            for await _ in AsyncStream<Int>(unfolding: { await lostNumber() }) {}
        }
    },
    Scenario(
        "async-stream-of-an-object", .swiftKind, stuck: 1,
        "the object that feeds the stream is gone and finished nothing"
    ) { stage in
        stage.task("consumer", .orphaned(on: .stream)) {
            let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
            feed(continuation)
            for await _ in stream {}
        }
    },
    Scenario("async-throwing-stream", .swiftKind, stuck: 1, "iterates a throwing stream that nobody finishes") {
        stage in
        stage.task("consumer", .orphaned(on: .stream)) {
            let (stream, continuation) = ThrowingStream.makeStream(of: Int.self)
            continuation.yield(1)
            do { for try await _ in stream {} } catch {}
        }
    },
    Scenario(
        "stream-fed-by-a-lost-task", .swiftKind, stuck: 2,
        "the task that feeds the stream waits for a lost continuation"
    ) { stage in
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        stage.task("producer", .orphaned(on: .continuation)) {
            await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            continuation.finish()
        }
        stage.task("consumer", .lost(on: .stream)) { for await _ in stream {} }
    },
    Scenario("stream-pipeline", .swiftKind, stuck: 3, "each stage reads the one before, and nobody feeds the first") {
        stage in
        var (upstream, first) = AsyncStream.makeStream(of: Int.self)
        first.yield(1)
        for number in 0..<3 {
            let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
            let source = upstream
            stage.task("stage-\(number)", number == 0 ? .orphaned(on: .stream) : .lost(on: .stream)) {
                for await number in source { continuation.yield(number) }
                continuation.finish()
            }
            upstream = stream
        }
    },
]

@inline(never)
private func lostNumber() async -> Int? {
    await withUnsafeContinuation { (_: UnsafeContinuation<Int?, Never>) in }
}

@inline(never)
private func feed(_ continuation: AsyncStream<Int>.Continuation) {
    continuation.yield(1)
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

/// News for whoever subscribes.
final class NewsFeed: Sendable {
    private let subscribers = Mutex<[Int: AsyncStream<String>.Continuation]>([:])

    func read(by reader: Int, leavesEarly: Bool) async {
        let (news, continuation) = AsyncStream<String>.makeStream()
        subscribers.withLock { $0[reader] = continuation }
        if leavesEarly {
            unsubscribe(reader)
        } else {
            continuation.yield("tea is cheaper today")
            continuation.finish()
            unsubscribe(reader)
        }
        await show(news)
    }

    private func show(_ news: AsyncStream<String>) async {
        for await _ in news {}  // stuck: stream
    }

    /// The mistake: the stream of who is removed is never finished.
    private func unsubscribe(_ reader: Int) {
        subscribers.withLock { $0[reader] = nil }
    }
}

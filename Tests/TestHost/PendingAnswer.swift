// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointClient
import Glibc
import Synchronization

/// A request that a thread of its own has sent, and its answer once it is there.
final class PendingAnswer: Sendable {
    private struct State {
        var answer: DebugClient.Answer?
        var ended: ContinuousClock.Instant?
    }

    private let started = ContinuousClock.now
    private let state = Mutex(State())

    init(_ client: DebugClient, _ path: String) {
        // A profile is silent for as long as it runs.
        var client = client
        client.timeout = .seconds(120)
        let patient = client
        startThread {
            let answer = try? patient.get(path)
            self.state.withLock { $0 = State(answer: answer, ended: .now) }
        }
    }

    var hasEnded: Bool { state.withLock { $0.ended != nil } }

    /// The answer when it comes in time; nil also when there was none.
    func wait(within limit: Duration = .seconds(60)) -> DebugClient.Answer? {
        eventually(within: limit) { hasEnded }
        return state.withLock { $0.answer }
    }

    /// From the request to the end of the answer, or until now.
    var duration: Duration { state.withLock { $0.ended ?? .now } - started }
    var durationInMilliseconds: Int { Int(duration / .milliseconds(1)) }
}

extension DebugClient.Answer {
    /// The lines of a profile in folded form, `root;child;leaf 12`, as stack and number.
    var foldedStacks: [(stack: Substring, count: Int)] {
        text.split(separator: "\n").compactMap { line in
            guard let space = line.lastIndex(of: " "), let count = Int(line[line.index(after: space)...]) else {
                return nil
            }
            return (line[..<space], count)
        }
    }
}

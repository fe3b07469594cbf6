// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A process has one census at a time. Who asks while one runs gets the same snapshot; that costs nothing, and all of it was
// looked at after the first one had asked.
import HeapProfile
import MicroHTTP
import Synchronization

/// The looks at this process's heap, shared by those who ask for them. Safe from any thread; each call blocks its own.
final class HeapLooks: Sendable {
    static let shared = HeapLooks()

    let history = HeapHistory()

    private struct Run {
        let number: Int
        /// Who waits for it, the one whose thread takes it included.
        var viewers = 1
        /// Nobody waits for it any more, so it may end without a result, and nobody can join it.
        var isEnding = false
    }

    private enum Outcome: Sendable {
        case snapshot(HeapSnapshot)
        case refused(Problem)
    }

    private struct State {
        var running: Run?
        var lastNumber = 0
        /// Of runs that some who joined them have not taken yet, by number.
        var outcomes: [Int: (outcome: Outcome, takers: Int)] = [:]
    }
    private let state = Mutex(State())

    /// A snapshot that is taken now.
    func snapshot(for request: Request) throws(Problem) -> HeapSnapshot {
        while true {
            let part = state.withLock { state -> (number: Int, isOurs: Bool)? in
                guard let running = state.running else {
                    state.lastNumber += 1
                    state.running = Run(number: state.lastNumber)
                    return (state.lastNumber, true)
                }
                if running.isEnding { return nil }
                state.running?.viewers += 1
                return (running.number, false)
            }
            if let part { return try part.isOurs ? take(part.number, request) : join(part.number, request) }
            if let interruption = request.wait(for: .milliseconds(20)) { throw Self.problem(interruption) }
        }
    }

    private func take(_ number: Int, _ request: Request) throws(Problem) -> HeapSnapshot {
        var hasLeft = false
        var isStopping = false
        // The id comes first, so that ids are in the order in which looks begin.
        let snapshot = HeapLook.take(id: history.nextID(), ProcessView.heapSources) {
            switch request.interruption {
            case .serverStopping: isStopping = true
            case .clientGone where !hasLeft:
                hasLeft = true
                self.state.withLock { $0.running?.viewers -= 1 }
            default: break
            }
            return self.state.withLock { state in
                if isStopping || state.running?.viewers == 0 { state.running?.isEnding = true }
                return state.running?.isEnding == true
            }
        }
        let outcome: Outcome
        if isStopping {
            outcome = .refused(Self.problem(.serverStopping))
        } else if let snapshot {
            history.keep(snapshot)
            outcome = .snapshot(snapshot)
        } else {
            outcome = .refused(hasLeft ? Self.problem(.clientGone) : Self.noMemory)
        }
        state.withLock { state in
            let others = (state.running?.viewers ?? 0) - (hasLeft ? 0 : 1)
            state.running = nil
            if others > 0 { state.outcomes[number] = (outcome, others) }
        }
        return try Self.value(of: outcome)
    }

    private func join(_ number: Int, _ request: Request) throws(Problem) -> HeapSnapshot {
        while true {
            if let outcome = takeOutcome(number) { return try Self.value(of: outcome) }
            if let interruption = request.wait(for: .milliseconds(20)) {
                let hasRun = state.withLock { state in
                    guard state.running?.number == number else { return true }
                    state.running?.viewers -= 1
                    return false
                }
                if hasRun { _ = takeOutcome(number) }
                throw Self.problem(interruption)
            }
        }
    }

    private func takeOutcome(_ number: Int) -> Outcome? {
        state.withLock { state in
            guard let (outcome, takers) = state.outcomes[number] else { return nil }
            state.outcomes[number] = takers > 1 ? (outcome, takers - 1) : nil
            return outcome
        }
    }

    private static func value(of outcome: Outcome) throws(Problem) -> HeapSnapshot {
        switch outcome {
        case .snapshot(let snapshot): return snapshot
        case .refused(let problem): throw problem
        }
    }

    private static func problem(_ interruption: Interruption) -> Problem {
        Problem(
            status: 503,
            sentence: interruption == .serverStopping
                ? "the debug endpoint is being stopped, which ended the look at the heap" : "the client has gone")
    }

    private static let noMemory = Problem(
        status: 503, sentence: "the kernel gave no memory for a look at the heap, which needs 4 MiB: try again",
        headers: [("Retry-After", "1")])
}

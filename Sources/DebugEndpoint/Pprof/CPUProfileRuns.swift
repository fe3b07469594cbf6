// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A process has one CPU profile at a time. Who asks for the same while one runs joins it and gets the same answer, so that a
// second viewer costs nothing; who asks for another is told to come again.
import Glibc
import MicroHTTP
import ProcessSnapshot
import Profiles
import Synchronization

/// The CPU profiles of this process, shared by those who ask for them. Safe from any thread; each call blocks its own.
final class CPUProfileRuns: Sendable {
    static let shared = CPUProfileRuns()

    struct Wish: Sendable, Equatable {
        let seconds: Int
        let hertz: Int
    }

    private struct Run {
        let number: Int
        let wish: Wish
        let started: ContinuousClock.Instant
        /// Who waits for it, the one whose thread takes it included.
        var viewers = 1
        /// Nobody waits for it any more: what it has is less than was asked for, so nobody can join it.
        var isEnding = false
    }

    private enum Outcome: Sendable {
        case profile(Profile)
        case refused(Problem)
    }

    private struct State {
        var running: Run?
        var lastNumber = 0
        /// Of the last run, kept while somebody who joined it has not taken it.
        var outcome: (number: Int, outcome: Outcome, takers: Int)?
    }

    private let state = Mutex(State())

    /// The profile that `wish` describes, after that many seconds or sooner where one runs already.
    func profile(_ wish: Wish, for request: Request) throws(Problem) -> Profile {
        enum Part {
            case take(Int)
            case join(Int)
            case busy(Duration)
        }
        let now = ContinuousClock.now
        let part = state.withLock { state -> Part in
            guard let running = state.running else {
                state.lastNumber += 1
                state.running = Run(number: state.lastNumber, wish: wish, started: now)
                return .take(state.lastNumber)
            }
            guard running.wish == wish, state.outcome == nil, !running.isEnding else {
                return .busy(running.isEnding ? .zero : .seconds(running.wish.seconds) - (now - running.started))
            }
            state.running?.viewers += 1
            return .join(running.number)
        }
        switch part {
        case .take(let number): return try take(number, wish, request)
        case .join(let number): return try join(number, request)
        case .busy(let rest):
            let seconds = max(1, Int(rest.components.seconds) + 1)
            throw Problem(
                status: 503,
                sentence:
                    "another CPU profile is being taken: retry in \(seconds) s, or ask for the same length and rate",
                headers: [("Retry-After", String(seconds))])
        }
    }

    private func take(_ number: Int, _ wish: Wish, _ request: Request) throws(Problem) -> Profile {
        var hasLeft = false
        var isStopping = false
        let outcome = CPUProfiler.run(wish) {
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
        let result: Outcome
        switch outcome {
        case .success(let profile): result = isStopping ? .refused(Self.stopping) : .profile(profile)
        case .failure(let problem): result = .refused(isStopping ? Self.stopping : problem)
        }
        state.withLock { state in
            let others = (state.running?.viewers ?? 0) - (hasLeft ? 0 : 1)
            state.running = nil
            state.outcome = others > 0 ? (number, result, others) : nil
        }
        return try Self.value(of: result)
    }

    private func join(_ number: Int, _ request: Request) throws(Problem) -> Profile {
        while true {
            let outcome = state.withLock { state -> Outcome? in
                guard let (of, outcome, takers) = state.outcome, of == number else { return nil }
                state.outcome = takers > 1 ? (of, outcome, takers - 1) : nil
                return outcome
            }
            if let outcome { return try Self.value(of: outcome) }
            if let interruption = request.wait(for: .milliseconds(20)) {
                state.withLock { state in
                    if state.running?.number == number {
                        state.running?.viewers -= 1
                    } else if let (of, outcome, takers) = state.outcome, of == number {
                        state.outcome = takers > 1 ? (of, outcome, takers - 1) : nil
                    }
                }
                throw interruption == .serverStopping
                    ? Self.stopping : Problem(status: 503, sentence: "the client has gone")
            }
        }
    }

    private static func value(of outcome: Outcome) throws(Problem) -> Profile {
        switch outcome {
        case .profile(let profile): return profile
        case .refused(let problem): throw problem
        }
    }

    private static let stopping = Problem(
        status: 503, sentence: "the debug endpoint is being stopped, which ended the profile early")
}

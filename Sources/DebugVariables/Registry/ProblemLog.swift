// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Something that keeps a variable from being shown as it was meant.
public struct VariableProblem: Sendable, Hashable {
    /// The variable's name as it was given, even if that is the problem.
    public let variable: String

    /// One sentence: what was asked, what was found.
    public let sentence: String
}

/// The problems of one registry, each noted once. Safe from any thread; a repeated problem costs a look-up under a lock.
final class ProblemLog: Sendable {
    /// More than this are counted but not kept: names may come from a loop gone wrong.
    static let capacity = 1000

    private struct State {
        var known: Set<VariableProblem> = []
        var unheard: [VariableProblem] = []
        var listener: (@Sendable (VariableProblem) -> Void)?
    }
    private let state = Mutex(State())
    private let count = Atomic(0)

    func note(_ variable: String, _ sentence: String) {
        let problem = VariableProblem(variable: variable, sentence: sentence)
        let listener =
            state.withLock { state in
                guard state.known.count < Self.capacity, state.known.insert(problem).inserted else { return nil }
                count.store(state.known.count, ordering: .relaxed)
                if state.listener == nil { state.unheard.append(problem) }
                return state.listener
            } as (@Sendable (VariableProblem) -> Void)?
        listener?(problem)
    }

    /// In no order. Costs one load while there are none.
    var all: [VariableProblem] {
        guard count.load(ordering: .relaxed) > 0 else { return [] }
        return state.withLock { Array($0.known) }
    }

    func forget(_ variable: String) {
        state.withLock { state in
            state.known = state.known.filter { $0.variable != variable }
            state.unheard.removeAll { $0.variable == variable }
            count.store(state.known.count, ordering: .relaxed)
        }
    }

    /// Tells `listener` of every problem from now on, and of those nobody has been told of yet.
    func listen(_ listener: @escaping @Sendable (VariableProblem) -> Void) {
        let unheard = state.withLock { state in
            state.listener = listener
            defer { state.unheard = [] }
            return state.unheard
        }
        unheard.forEach(listener)
    }
}

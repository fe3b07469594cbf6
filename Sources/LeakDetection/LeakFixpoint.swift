// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The fixpoint that decides which waiters can never be woken. Pure: the same graph and memory always give the same findings.
//
// A waiter wakes when somebody awake can end its wait; what belongs to it is then awake too, and may reach what others wait on.
// Each waiter wakes once, each edge is followed once when its end wakes and each primitive is reached once: linear in all three.

/// Waiters wake until nothing changes; who sleeps then is leaked.
package struct LeakFixpoint {
    private let graph: WaitGraph
    private var isReached: [Bool]
    private var isAwake: [Bool]
    /// Those who may wake when the waiter does.
    private var dependents: [[Int]]

    /// The waiters that never wake, in order.
    package static func leaks<Memory: ReachableMemory>(in graph: WaitGraph, _ memory: inout Memory) -> [LeakedWaiter] {
        var fixpoint = LeakFixpoint(graph)
        fixpoint.run(&memory)
        return fixpoint.verdicts()
    }

    private init(_ graph: WaitGraph) {
        self.graph = graph
        isReached = Array(repeating: false, count: graph.wakers.count)
        isAwake = isReached
        dependents = Array(repeating: [], count: graph.wakers.count)
        for waiter in graph.wakers.indices {
            for other in blockers(of: waiter) { dependents[other].append(waiter) }
        }
    }

    /// The waiters that this one waits for.
    private func blockers(of waiter: Int) -> [Int] {
        func index(_ party: WaitGraph.Party) -> Int? {
            if case .waiter(let other) = party, isAwake.indices.contains(other) { return other }
            return nil
        }
        switch graph.wakers[waiter] {
        case .anyoneWhoReachesIt, .nobody: return []
        case .holder(let holder): return index(holder).map { [$0] } ?? []
        case .oneOf(let parties): return parties.compactMap(index)
        }
    }

    private func acts(_ party: WaitGraph.Party) -> Bool {
        switch party {
        case .awake: return true
        case .gone: return false
        // A number that is none of ours names nobody; who is not known counts as awake.
        case .waiter(let other): return isAwake.indices.contains(other) ? isAwake[other] : true
        }
    }

    private func canWake(_ waiter: Int) -> Bool {
        switch graph.wakers[waiter] {
        case .anyoneWhoReachesIt: return isReached[waiter]
        case .holder(let holder): return isReached[waiter] && acts(holder)
        case .oneOf(let parties): return parties.contains(where: acts)
        case .nobody: return false
        }
    }

    private mutating func run<Memory: ReachableMemory>(_ memory: inout Memory) {
        var woken: [Int] = []
        note(memory.markFromRoots())
        for waiter in graph.wakers.indices { wake(waiter, &woken) }
        while !woken.isEmpty {
            let reached = memory.markFrom(woken)
            let changed = note(reached) + woken.flatMap { dependents[$0] }
            woken.removeAll(keepingCapacity: true)
            for waiter in changed { wake(waiter, &woken) }
        }
    }

    /// Returns those of `waiters` that were not reached before.
    @discardableResult
    private mutating func note(_ waiters: [Int]) -> [Int] {
        waiters.filter { waiter in
            guard isReached.indices.contains(waiter), !isReached[waiter] else { return false }
            isReached[waiter] = true
            return true
        }
    }

    private mutating func wake(_ waiter: Int, _ woken: inout [Int]) {
        guard !isAwake[waiter], canWake(waiter) else { return }
        isAwake[waiter] = true
        woken.append(waiter)
    }

    private func verdicts() -> [LeakedWaiter] {
        let leaked = isAwake.indices.filter { !isAwake[$0] }
        let edges = Dictionary(uniqueKeysWithValues: leaked.map { ($0, blockers(of: $0)) })
        let cycles = WaitCycles(edges)
        return leaked.map { waiter in
            let behind = edges[waiter] ?? []
            if let cycle = cycles.cycle(of: waiter) {
                return LeakedWaiter(
                    waiter: waiter, verdict: .deadlock, behind: behind.filter { cycles.cycle(of: $0) == cycle })
            }
            switch graph.wakers[waiter] {
            case .holder(.gone): return LeakedWaiter(waiter: waiter, verdict: .abandoned, behind: [])
            case .oneOf(let parties) where !parties.isEmpty && parties.allSatisfy({ $0 == .gone }):
                return LeakedWaiter(waiter: waiter, verdict: .abandoned, behind: [])
            default:
                return LeakedWaiter(
                    waiter: waiter, verdict: behind.isEmpty ? .orphaned : .blockedBehind, behind: behind)
            }
        }
    }
}

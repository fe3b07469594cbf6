// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import LeakDetection

/// Objects that refer to each other, as a test draws them.
struct ExplicitMemory: ReachableMemory {
    /// Objects that are reached from the start.
    var roots: [String] = []
    /// From each object to those it refers to.
    var references: [String: [String]] = [:]
    /// What each waiter's stack refers to.
    var stacks: [[String]]
    /// What each waiter waits on.
    var primitives: [String]
    private(set) var visits = 0
    private var reached: Set<String> = []

    init(primitives: [String], stacks: [[String]] = [], roots: [String] = [], references: [String: [String]] = [:]) {
        self.primitives = primitives
        self.stacks = stacks.isEmpty ? primitives.map { [$0] } : stacks
        self.roots = roots
        self.references = references
        for (index, primitive) in primitives.enumerated() { waitersOn[primitive, default: []].append(index) }
    }

    private var waitersOn: [String: [Int]] = [:]

    mutating func markFromRoots() -> [Int] { mark(roots) }
    mutating func markFrom(_ woken: [Int]) -> [Int] { mark(woken.flatMap { stacks[$0] }) }

    private mutating func mark(_ objects: [String]) -> [Int] {
        var pending = objects
        var waiters: [Int] = []
        while let object = pending.popLast() {
            visits += 1
            guard reached.insert(object).inserted else { continue }
            waiters += waitersOn[object] ?? []
            pending += references[object] ?? []
        }
        return waiters
    }
}

func verdicts(_ wakers: [WaitGraph.Waker], _ memory: ExplicitMemory) -> [Int: Verdict] {
    var memory = memory
    let leaks = LeakFixpoint.leaks(in: WaitGraph(wakers: wakers), &memory)
    return Dictionary(uniqueKeysWithValues: leaks.map { ($0.waiter, $0.verdict) })
}

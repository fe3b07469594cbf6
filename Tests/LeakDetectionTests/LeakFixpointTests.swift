// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import LeakDetection
import Testing

@Suite struct LeakFixpointTests {
    @Test func aWaiterOnAReachedPrimitiveIsNotReported() {
        let memory = ExplicitMemory(primitives: ["semaphore"], roots: ["cache"], references: ["cache": ["semaphore"]])
        #expect(verdicts([.anyoneWhoReachesIt], memory).isEmpty)
    }

    @Test func aWaiterOnAnUnreachedPrimitiveIsOrphaned() {
        #expect(verdicts([.anyoneWhoReachesIt], ExplicitMemory(primitives: ["semaphore"])) == [0: .orphaned])
    }

    @Test func whatOnlyALeakedWaiterRefersToKeepsNobodyAwake() {
        let memory = ExplicitMemory(primitives: ["a", "b"], stacks: [["a", "b"], ["b", "a"]])
        #expect(verdicts([.anyoneWhoReachesIt, .anyoneWhoReachesIt], memory) == [0: .orphaned, 1: .orphaned])
    }

    @Test func aWokenWaitersStackWakesOthers() {
        let memory = ExplicitMemory(
            primitives: ["a", "b", "c"], stacks: [["b"], ["c"], []], roots: ["a"])
        #expect(verdicts(Array(repeating: .anyoneWhoReachesIt, count: 3), memory).isEmpty)
    }

    @Test func locksTakenInTurnAreADeadlockAlsoWhenTheyAreGlobals() {
        let memory = ExplicitMemory(primitives: ["a", "b"], roots: ["a", "b"])
        #expect(
            verdicts([.holder(.waiter(1)), .holder(.waiter(0))], memory) == [0: .deadlock, 1: .deadlock])
    }

    @Test func oneWhoLocksTwiceIsADeadlock() {
        #expect(verdicts([.holder(.waiter(0))], ExplicitMemory(primitives: ["a"], roots: ["a"])) == [0: .deadlock])
    }

    @Test func aLockWhoseHolderIsAwakeIsNotReported() {
        #expect(verdicts([.holder(.awake)], ExplicitMemory(primitives: ["a"], roots: ["a"])).isEmpty)
    }

    @Test func aLockWhoseHolderHasExitedIsAbandoned() {
        #expect(verdicts([.holder(.gone)], ExplicitMemory(primitives: ["a"], roots: ["a"])) == [0: .abandoned])
    }

    @Test func aLockThatTheAwakeHolderCannotReachIsOrphaned() {
        #expect(verdicts([.holder(.awake)], ExplicitMemory(primitives: ["a"])) == [0: .orphaned])
    }

    @Test func whoWaitsForALeakedOneIsBlockedBehindIt() {
        let memory = ExplicitMemory(primitives: ["a", "task"], roots: ["task"])
        var copy = memory
        let leaks = LeakFixpoint.leaks(in: WaitGraph(wakers: [.anyoneWhoReachesIt, .oneOf([.waiter(0)])]), &copy)
        #expect(
            leaks == [
                LeakedWaiter(waiter: 0, verdict: .orphaned, behind: []),
                LeakedWaiter(waiter: 1, verdict: .blockedBehind, behind: [0]),
            ])
    }

    @Test func whoWaitsBehindACycleIsNotInIt() {
        let memory = ExplicitMemory(primitives: ["a", "b", "c"], roots: ["a", "b", "c"])
        #expect(
            verdicts([.holder(.waiter(1)), .holder(.waiter(0)), .holder(.waiter(0))], memory)
                == [0: .deadlock, 1: .deadlock, 2: .blockedBehind])
    }

    @Test func aGroupWithOneChildAwakeIsNotReported() {
        let memory = ExplicitMemory(primitives: ["a", "group"])
        #expect(verdicts([.anyoneWhoReachesIt, .oneOf([.waiter(0), .awake])], memory) == [0: .orphaned])
    }

    @Test func aGroupWhoseChildrenAreAllLeakedIsBlockedBehindThem() {
        let memory = ExplicitMemory(primitives: ["a", "b", "group"])
        #expect(
            verdicts([.anyoneWhoReachesIt, .anyoneWhoReachesIt, .oneOf([.waiter(0), .waiter(1)])], memory)
                == [0: .orphaned, 1: .orphaned, 2: .blockedBehind])
    }

    @Test func aPartyThatIsNoWaiterOfTheGraphCountsAsAwake() {
        #expect(verdicts([.oneOf([.waiter(7)])], ExplicitMemory(primitives: ["a"])).isEmpty)
    }

    @Test(arguments: [1_000, 20_000])
    func aChainIsFollowedOnceHoweverLong(links: Int) {
        let primitives = (0..<links).map(String.init)
        let stacks = (0..<links).map { $0 + 1 < links ? [String($0), String($0 + 1)] : [String($0)] }
        var memory = ExplicitMemory(primitives: primitives, stacks: stacks, roots: ["0"])
        let leaks = LeakFixpoint.leaks(
            in: WaitGraph(wakers: Array(repeating: .anyoneWhoReachesIt, count: links)), &memory)
        #expect(leaks.isEmpty)
        #expect(memory.visits <= 2 * links)
    }

    @Test func aLongCycleIsOneDeadlock() {
        let links = 20_000
        let memory = ExplicitMemory(primitives: (0..<links).map(String.init), roots: (0..<links).map(String.init))
        let found = verdicts((0..<links).map { .holder(.waiter(($0 + 1) % links)) }, memory)
        #expect(found.count == links && found.values.allSatisfy { $0 == .deadlock })
    }

    /// Any graph: the same as waking one at a time until nothing changes.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func randomGraphsAgreeWithTheSlowWay(seed: UInt64) {
        var generator = SeededGenerator(seed)
        let count = Int.random(in: 1...12, using: &generator)
        func party() -> WaitGraph.Party {
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: .awake
            case 1: .gone
            default: .waiter(Int.random(in: 0..<count, using: &generator))
            }
        }
        let wakers = (0..<count).map { _ -> WaitGraph.Waker in
            switch Int.random(in: 0..<7, using: &generator) {
            case 0, 1: .anyoneWhoReachesIt
            case 2, 3: .holder(party())
            case 4: .nobody
            default: .oneOf((0..<Int.random(in: 1...3, using: &generator)).map { _ in party() })
            }
        }
        let names = (0..<count).map(String.init)
        let stacks = names.map { _ in names.filter { _ in Int.random(in: 0..<6, using: &generator) == 0 } }
        let roots = names.filter { _ in Int.random(in: 0..<5, using: &generator) == 0 }
        let memory = ExplicitMemory(primitives: names, stacks: stacks, roots: roots)
        #expect(Set(verdicts(wakers, memory).keys) == sleepers(wakers, stacks: stacks, roots: roots))
    }

    private func sleepers(_ wakers: [WaitGraph.Waker], stacks: [[String]], roots: [String]) -> Set<Int> {
        var awake: Set<Int> = []
        var changed = true
        while changed {
            changed = false
            let reached = Set(roots + awake.flatMap { stacks[$0] })
            func acts(_ party: WaitGraph.Party) -> Bool {
                switch party {
                case .awake: true
                case .gone: false
                case .waiter(let index): awake.contains(index)
                }
            }
            for (index, waker) in wakers.enumerated() where !awake.contains(index) {
                let wakes =
                    switch waker {
                    case .anyoneWhoReachesIt: reached.contains(String(index))
                    case .holder(let holder): reached.contains(String(index)) && acts(holder)
                    case .oneOf(let parties): parties.contains(where: acts)
                    case .nobody: false
                    }
                if wakes {
                    awake.insert(index)
                    changed = true
                }
            }
        }
        return Set(wakers.indices).subtracting(awake)
    }
}

/// splitmix64: the same numbers for the same seed everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}

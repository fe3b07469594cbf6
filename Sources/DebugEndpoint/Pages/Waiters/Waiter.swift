// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ProcessSnapshot

/// A thread or task as far as grouping and ordering need it.
struct Waiter {
    let id: UInt64
    let state: String
    /// What kind of thing it waits for, or the system call it is in; empty when neither is known.
    let cause: String
    /// Which one of that kind; equal for two that wait for the same. Empty when it is not known.
    let target: String
    let waiting: Duration?
    /// An index into the page's stacks.
    let stack: Int
    let stackNote: String?
}

/// A page of threads or of tasks: how to say what the groups have in common and what tells their members apart.
protocol WaiterPage {
    var kind: WaiterKind { get }
    var filter: WaiterFilter { get }
    /// The states that the filter takes.
    var states: [String] { get }
    /// What was found in all, before the filter.
    var summary: [String] { get }
    /// What the filter lets through, longest wait first, then by id.
    var waiters: [Waiter] { get }
    var stacks: SymbolicatedStacks { get }
    /// Those that the page shows with no state or stack at all.
    var missing: [UnknownWaiter] { get }
    /// Stands before a duration: what it is a measure of.
    var durationWords: String { get }

    /// The state of a group, and what it waits for if that is the same for all; `index` is one of the group.
    func heading(_ index: Int, isOneTarget: Bool) -> Phrase
    /// What this one waits for.
    func target(_ index: Int) -> Phrase
    func name(_ index: Int) -> String?
    /// What else is worth knowing of one of a group.
    func details(_ index: Int) -> [Phrase]
}

extension Waiter {
    /// Longest first, unknown ones last, then by id.
    static func precedes(_ left: Duration?, _ leftID: UInt64, _ right: Duration?, _ rightID: UInt64) -> Bool {
        if left == right { return leftID < rightID }
        guard let left else { return false }
        guard let right else { return true }
        return left > right
    }
}

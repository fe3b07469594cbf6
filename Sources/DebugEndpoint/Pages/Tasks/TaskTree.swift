// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ProcessSnapshot

/// Tasks under their parents; siblings that read the same, with all that is under them, are one line.
///
/// Every task has one place even when what was read contradicts itself: one whose parent is not there is at the top, and
/// a circle of parents begins at its lowest id.
struct TaskTree {
    /// Siblings that read the same.
    struct Node {
        /// How deep under a task without parent.
        let depth: Int
        let line: Phrase
        let members: [WaiterListing.Member]
        let more: Int
        /// The place where they stand, one function.
        let place: SymbolicatedStacks.Frame?
        /// Whether a filter takes them; those that it does not are there because of what is under them.
        let isMatch: Bool
    }

    /// In the order of a walk: a node, what is under it, the next.
    private(set) var nodes: [Node] = []
    let leftOut: [String]
    let unknown: [WaiterListing.Unknown]

    static let nodeLimit = 1000
    static let depthLimit = 40

    init(_ page: TasksPage) {
        let forest = TaskForest(page)
        // A stack of what is still to be shown, last first: tasks nest as deep as the program likes.
        var rest = forest.groups(of: forest.roots).reversed().map { (group: $0, depth: 0) }
        let limit = page.filter.limit ?? Self.nodeLimit
        var shown = 0
        while nodes.count < limit, let (group, depth) = rest.popLast() {
            nodes.append(Self.node(group, depth, page))
            shown += group.count
            guard depth < Self.depthLimit else { continue }
            let below = forest.groups(of: group.flatMap { forest.children[$0] })
            rest += below.reversed().map { ($0, depth + 1) }
        }
        let missing = page.tasks.count - shown
        leftOut =
            missing == 0
            ? []
            : [
                "\(WaiterKind.task.counted(missing)) left out, deeper than \(Self.depthLimit) or beyond \(limit) lines: "
                    + "raise limit, or narrow with state, name or min_seconds"
            ]
        unknown = WaiterListing.unknown(page.missing.map { ($0.id, $0.reason) })
    }

    /// - Parameter group: indexes of tasks of one kind, not empty.
    private static func node(_ group: [Int], _ depth: Int, _ page: TasksPage) -> Node {
        let waiters = page.waiters
        let first = group[0]
        let isOneTarget = group.allSatisfy { waiters[$0].target == waiters[first].target }
        var line = page.heading(first, isOneTarget: isOneTarget)
        if let span = WaiterGroup(members: group).span(waiters) {
            line = line + (", " + page.durationWords + " " + span)
        }
        let members = group.prefix(WaiterListing.memberLimit).map { index in
            let details = [
                page.tasks[index].isCancelled ? Phrase("cancelled") : nil,
                page.tasks[index].thread.map {
                    Phrase(.text("on "), .link("thread \($0)", .thread, UInt64(clamping: $0)))
                },
                page.tasks[index].origin == .asyncLet ? Phrase("async let") : nil,
                page.tasks[index].origin == .groupChild ? Phrase("in a group") : nil,
            ].compactMap(\.self)
            return WaiterListing.Member(
                id: page.tasks[index].id, name: page.name(index).map(shownName), details: details)
        }
        let stack = ShownStack(page.stacks[waiters[first].stack], note: nil)
        return Node(
            depth: depth, line: line, members: Array(members), more: group.count - members.count,
            place: stack.place, isMatch: page.matching?.contains(page.tasks[first].id) ?? true)
    }
}

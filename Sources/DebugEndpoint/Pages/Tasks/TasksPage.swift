// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import MicroHTTP
import ProcessSnapshot

/// `/debug/tasks`: every live task, what it waits for and where it will go on; by stack, or as a tree by parent.
///
/// Made from a snapshot and nothing else; the same snapshot and query always give the same bytes.
struct TasksPage: WaiterPage {
    static let parameters =
        WaiterFilter.parameters(states: states) + [Parameter(name: "view", kind: .choice(["stacks", "tree"]))]
    private static let states = ["running", "enqueued", "suspended"]
    /// What JSON lists unless `limit` says otherwise.
    static let listLimit = 1000

    let filter: WaiterFilter
    let summary: [String]
    let waiters: [Waiter]
    let stacks: SymbolicatedStacks
    let unknown: [UnknownWaiter]
    let missing: [UnknownWaiter]
    /// In the order of `waiters`.
    let tasks: [TaskSnapshot]
    let totals: WaiterTotals
    let pause: Duration?
    /// Matching tasks that are not in `tasks`.
    let omitted: Int
    /// The tasks that match; those of `tasks` that are not among them are ancestors, there for the tree.
    let matching: Set<UInt64>?

    let kind = WaiterKind.task
    let durationWords = "seen so for"
    var states: [String] { Self.states }

    /// What a page is made of besides the request; see `answer`.
    struct Source {
        var snapshot: TasksSnapshot
        var seen: [UInt64: Duration] = [:]
        var pause: Duration?
    }

    /// - Parameters:
    ///   - seen: for how long looks have found a task in the same wait, by id; see `TaskSightings`.
    ///   - pause: the longest time that a thread was held for the snapshot; nil when it is not known.
    ///   - symbolicate: called once, with each address once.
    static func answer(
        _ request: RouteRequest, _ snapshot: TasksSnapshot, seen: [UInt64: Duration] = [:], pause: Duration? = nil,
        _ symbolicate: Symbolication
    ) -> Response {
        let format = PageFormat(request)
        let isTree = request.query.text("view") == "tree"
        let source = Source(snapshot: snapshot, seen: seen, pause: pause)
        return format.response(body(format, isTree: isTree, WaiterFilter(request.query), source, symbolicate))
    }

    /// JSON has no tree of its own: each task there has its parent and children.
    static func body(
        _ format: PageFormat, isTree: Bool = false, _ filter: WaiterFilter, _ source: Source,
        _ symbolicate: Symbolication
    ) -> [UInt8] {
        let limit = format == .json ? filter.limit ?? listLimit : Int.max
        let page = TasksPage(filter, source, limit: limit, withAncestors: isTree && format != .json, symbolicate)
        switch (format, isTree) {
        case (.json, _): return page.json()
        case (.text, true): return TaskTree(page).text(page.summary)
        case (.html, true): return TaskTree(page).html(page)
        case (.text, false): return WaiterListing(page).text(page.summary, .task)
        case (.html, false): return WaiterListing(page).html(page)
        }
    }

    private init(
        _ filter: WaiterFilter, _ source: Source, limit: Int, withAncestors: Bool, _ symbolicate: Symbolication
    ) {
        let all = source.snapshot.tasks
        let seen = source.seen
        var wanted = all.indices.filter { index in
            let task = all[index]
            return filter.admits(
                id: task.id, name: task.name, state: task.state.rawValue, waiting: seen[task.id])
        }
        let matched = wanted.count
        var matching: Set<UInt64>?
        if withAncestors, matched < all.count {
            matching = Set(wanted.map { all[$0].id })
            wanted += Self.ancestors(of: wanted, in: all)
        }
        let sorted = wanted.map { (index: $0, id: all[$0].id, waiting: seen[all[$0].id]) }
            .sorted { Waiter.precedes($0.waiting, $0.id, $1.waiting, $1.id) }
            .prefix(limit)
        let tasks = sorted.map { all[$0.index] }
        let stacks = SymbolicatedStacks(tasks.map(\.stack), of: .task, symbolicate)
        totals = WaiterTotals(all.map(\.state.rawValue), states: Self.states)
        waiters = sorted.indices.map { Waiter(tasks[$0], waiting: sorted[$0].waiting, stack: stacks.indexes[$0]) }
        omitted = max(0, matched - tasks.count)
        unknown = source.snapshot.unknown
        missing = WaiterTotals.missing(unknown, from: all.map(\.id))
        pause = source.pause
        self.filter = filter
        self.stacks = stacks
        self.tasks = tasks
        self.matching = matching
        let cancelled = all.count(where: \.isCancelled)
        summary = totals.summary(
            .task, cancelled > 0 ? "\(cancelled) cancelled" : nil, unknown: missing.count, pause: pause, filter,
            matched: matched)
    }

    /// The parents of tasks and theirs, without those that are among the tasks; all by index.
    private static func ancestors(of tasks: [Int], in all: [TaskSnapshot]) -> [Int] {
        let places = Dictionary(zip(all.map(\.id), all.indices)) { first, _ in first }
        var known = Set(tasks)
        var ancestors: [Int] = []
        for task in tasks {
            var next = all[task].parent
            // Ends at a known task too: each is added once, so even a circle of parents ends.
            while let place = next.flatMap({ places[$0] }), known.insert(place).inserted {
                ancestors.append(place)
                next = all[place].parent
            }
        }
        return ancestors
    }

    func heading(_ index: Int, isOneTarget: Bool) -> Phrase {
        let task = tasks[index]
        guard let wait = task.waitingOn else { return Phrase(task.state.rawValue) }
        let start = Phrase(task.state.rawValue + ", waiting for ")
        return start + (isOneTarget ? target(index) : Phrase(wait.kind.several))
    }

    func target(_ index: Int) -> Phrase {
        guard let wait = tasks[index].waitingOn else { return Phrase("") }
        let phrase = Phrase(shownText(wait.description), linking: wait.task)
        // Two actors of a type differ in nothing else.
        return wait.kind == .actor && wait.address != 0 ? phrase + " (\(shownAddress(wait.address)))" : phrase
    }

    func name(_ index: Int) -> String? { tasks[index].name }

    func details(_ index: Int) -> [Phrase] {
        let task = tasks[index]
        var details: [Phrase] = []
        if task.isCancelled { details.append(Phrase("cancelled")) }
        if let thread = task.thread {
            details.append(Phrase(.text("on "), .link("thread \(thread)", .thread, UInt64(clamping: thread))))
        }
        switch (task.origin, task.parent) {
        case (.task, _): break
        case (.asyncLet, let parent?):
            details.append(Phrase(.text("async let of "), .link("task \(parent)", .task, parent)))
        case (.asyncLet, nil): details.append(Phrase("async let"))
        case (.groupChild, let parent?):
            details.append(Phrase(.text("in a group of "), .link("task \(parent)", .task, parent)))
        case (.groupChild, nil): details.append(Phrase("in a group"))
        }
        // A task that was made without a word about its priority has 25 or 21, by where it was made.
        if task.priority != 25, task.priority != 21 { details.append(Phrase("priority \(task.priority)")) }
        if !task.children.isEmpty {
            details.append(Phrase(task.children.count == 1 ? "1 child" : "\(task.children.count) children"))
        }
        return details
    }
}

extension TaskSnapshot.Wait.Kind {
    /// When those of a group differ.
    fileprivate var several: String {
        switch self {
        case .task: "other tasks"
        case .group: "their groups"
        case .continuation: "continuations"
        case .actor: "actors"
        case .executor: "executors"
        case .sleep: "time to pass"
        case .stream: "streams"
        }
    }
}

extension Waiter {
    fileprivate init(_ task: TaskSnapshot, waiting: Duration?, stack: Int) {
        let isElsewhere = task.state == .running && task.stack.isEmpty
        self.init(
            id: task.id, state: task.state.rawValue, cause: task.waitingOn?.kind.rawValue ?? "",
            target: task.waitingOn.map { $0.kind == .actor ? "\($0.address) \($0.description)" : $0.description } ?? "",
            waiting: waiting, stack: stack,
            stackNote: task.stackNote ?? (isElsewhere ? "it runs: see its thread" : nil))
    }
}

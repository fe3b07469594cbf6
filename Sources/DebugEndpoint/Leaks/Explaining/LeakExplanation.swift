// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ProcessSnapshot

/// Why one thread or task is, or is not, in the leak report.
struct LeakExplanation {
    enum State: String {
        /// It waits for ever: the leak says why.
        case leaked
        /// It waits, and the chain says who could wake it.
        case kept
        /// It waits for nobody.
        case awake
        case unknown
    }

    /// One step from who is awake to what is waited on.
    struct Link {
        enum Kind: String {
            case variable, stack, storage, register, call, kernel, block, frames, primitive, waiter, lost, omitted
        }
        let kind: Kind
        let description: String
        /// Nil where the step has none.
        var address: UInt?
    }

    let kind: WaiterKind
    let id: UInt64
    let name: String?
    let state: State
    /// One sentence.
    let reason: String
    var leak: Leak?
    var chain: [Link] = []

    /// `thread 4711 "worker"`.
    var title: String { "\(kind.rawValue) \(id)" + (name.map { " " + shownName($0) } ?? "") }
}

extension LeakExplanation {
    /// Nil where nobody, or more than one, was meant.
    init?(_ trail: LeakTrail, _ report: LeakReport) {
        guard trail.subjects.count == 1, let subject = trail.subjects.first else { return nil }
        switch subject {
        case .otherThread(let thread):
            self.init(
                kind: .thread, id: UInt64(thread), name: ProcessView.threadName(thread), state: .awake,
                reason: Self.activity(ofThread: thread))
        case .otherTask(let task):
            let wait =
                task.thread.map { " on thread \($0), of which explain=thread-\($0) tells" }
                ?? task.waitingOn.map { ": \($0.description)" } ?? ""
            self.init(
                kind: .task, id: task.id, name: task.name, state: .awake,
                reason: "it waits for nothing that another must do: it is \(task.state.rawValue)" + wait)
        case .waiter(let waiter):
            self.init(waiter, trail, report)
        }
        let (kind, id) = (kind.rawValue, id)
        if let unknown = report.unknown.first(where: { $0.kind.rawValue == kind && $0.id == id }) {
            self = LeakExplanation(kind: self.kind, id: id, name: name, state: .unknown, reason: unknown.reason)
        }
    }

    private init(_ waiter: ProcessWaiter, _ trail: LeakTrail, _ report: LeakReport) {
        let holder = Leak.Holder(waiter)
        let leak = report.leaks.first { $0.kind == holder.kind && $0.id == holder.id }
        let kind: WaiterKind = holder.kind == .thread ? .thread : .task
        guard !trail.isLeaked else {
            self.init(
                kind: kind, id: holder.id, name: holder.name, state: leak == nil ? .unknown : .leaked,
                reason: leak?.reason ?? "it has gone on since", leak: leak)
            return
        }
        let words = TrailWords()
        let chain = trail.steps.reversed().map(words.link)
        self.init(
            kind: kind, id: holder.id, name: holder.name, state: .kept,
            reason: "somebody alive can wake it" + (chain.first.map { ": " + $0.description } ?? ""), chain: chain
        )
    }

    private static func activity(ofThread id: Int32) -> String {
        let thread = (try? ProcessView.threads())?.threads.first { $0.id == id }
        guard let thread else { return "it waits for no other thread or task" }
        let call = thread.systemCall.map { " in \($0)" } ?? ""
        return "it waits for nothing that another must do: it is \(thread.state.rawValue)" + call
    }
}

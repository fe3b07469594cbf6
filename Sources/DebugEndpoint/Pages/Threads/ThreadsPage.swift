// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import MicroHTTP
import ProcessSnapshot

/// `/debug/threads`: every thread, what it waits for and where it stands.
///
/// Made from a snapshot and nothing else; the same snapshot and query always give the same bytes.
struct ThreadsPage: WaiterPage {
    static let parameters = WaiterFilter.parameters(states: states)
    private static let states = ["running", "waiting", "sleeping", "stopped"]
    /// What JSON lists unless `limit` says otherwise.
    static let listLimit = 10_000

    let filter: WaiterFilter
    let summary: [String]
    let waiters: [Waiter]
    let stacks: SymbolicatedStacks
    let unknown: [UnknownWaiter]
    let missing: [UnknownWaiter]
    /// In the order of `waiters`.
    let threads: [ThreadSnapshot]
    let totals: WaiterTotals
    let pause: Duration?
    /// Matching threads that are not in `threads`.
    let omitted: Int

    let kind = WaiterKind.thread
    let durationWords = "for at least"
    var states: [String] { Self.states }

    /// - Parameters:
    ///   - pause: the longest time that a thread was held for the snapshot; nil when it is not known.
    ///   - symbolicate: called once, with each address once.
    static func answer(
        _ request: RouteRequest, _ snapshot: ThreadsSnapshot, pause: Duration?, _ symbolicate: Symbolication
    ) -> Response {
        let format = PageFormat(request)
        return format.response(body(format, WaiterFilter(request.query), snapshot, pause: pause, symbolicate))
    }

    static func body(
        _ format: PageFormat, _ filter: WaiterFilter, _ snapshot: ThreadsSnapshot, pause: Duration?,
        _ symbolicate: Symbolication
    ) -> [UInt8] {
        let limit = format == .json ? filter.limit ?? listLimit : Int.max
        let page = ThreadsPage(filter, snapshot, pause: pause, limit: limit, symbolicate)
        switch format {
        case .json: return page.json()
        case .text: return WaiterListing(page).text(page.summary, .thread)
        case .html: return WaiterListing(page).html(page)
        }
    }

    private init(
        _ filter: WaiterFilter, _ snapshot: ThreadsSnapshot, pause: Duration?, limit: Int, _ symbolicate: Symbolication
    ) {
        let matching = snapshot.threads.filter { thread in
            filter.admits(
                id: UInt64(clamping: thread.id), name: thread.name, state: thread.state.rawValue,
                waiting: thread.waiting)
        }.sorted { Waiter.precedes($0.waiting, UInt64(clamping: $0.id), $1.waiting, UInt64(clamping: $1.id)) }
        let threads = Array(matching.prefix(limit))
        let stacks = SymbolicatedStacks(threads.map(\.stack), of: .thread, symbolicate)
        totals = WaiterTotals(snapshot.threads.map(\.state.rawValue), states: Self.states)
        waiters = zip(threads, stacks.indexes).map { Waiter($0, stack: $1) }
        omitted = matching.count - threads.count
        unknown = snapshot.unknown
        missing = WaiterTotals.missing(unknown, from: snapshot.threads.map { UInt64(clamping: $0.id) })
        self.filter = filter
        self.pause = pause
        self.stacks = stacks
        self.threads = threads
        summary = totals.summary(
            .thread, nil, unknown: missing.count, pause: pause, filter, matched: matching.count)
    }

    func heading(_ index: Int, isOneTarget: Bool) -> Phrase {
        let thread = threads[index]
        if let primitive = thread.waitingOn {
            let start = thread.state.rawValue + " for \(shownText(primitive.kind))"
            return isOneTarget ? Phrase(start + " ") + target(index) : Phrase(start)
        }
        guard let call = thread.systemCall, thread.state != .running else { return Phrase(thread.state.rawValue) }
        return Phrase(thread.state.rawValue + " in " + shownText(call))
    }

    /// `0x7f10 held by thread 4712 "worker"`.
    func target(_ index: Int) -> Phrase {
        guard let primitive = threads[index].waitingOn else { return Phrase("") }
        let address = (primitive.label.map { shownName($0) + " " } ?? "") + shownAddress(primitive.address)
        guard let holder = threads[index].holder else { return Phrase(address) }
        return Phrase(
            .text(address + " held by "), .link("thread \(holder.id)", .thread, UInt64(clamping: holder.id)),
            .text(holder.name.map { " " + shownName($0) } ?? ""))
    }

    func name(_ index: Int) -> String? { threads[index].name.isEmpty ? nil : threads[index].name }

    func details(_ index: Int) -> [Phrase] {
        let thread = threads[index]
        var details: [Phrase] = []
        if let words = thread.role.words { details.append(Phrase(words)) }
        if thread.cpuTime > .zero { details.append(Phrase(thread.cpuTime.shown + " of CPU")) }
        if let task = thread.task { details.append(Phrase(.text("runs "), .link("task \(task)", .task, task))) }
        return details
    }
}

extension ThreadSnapshot.Role {
    fileprivate var words: String? {
        switch self {
        case .main: "main thread"
        case .dispatchWorker: "Dispatch worker"
        case .dispatchManager: "Dispatch manager"
        case .nioLoop: "NIO loop"
        case .foundationThread: "Foundation thread"
        case .debugEndpoint: "debug endpoint"
        case .other: nil
        }
    }
}

extension Waiter {
    fileprivate init(_ thread: ThreadSnapshot, stack: Int) {
        var target = ""
        if let primitive = thread.waitingOn {
            target = String(primitive.address) + "/" + (thread.holder.map { String($0.id) } ?? "")
        }
        self.init(
            id: UInt64(clamping: thread.id), state: thread.state.rawValue,
            cause: thread.waitingOn.map { "for " + $0.kind } ?? thread.systemCall ?? "", target: target,
            waiting: thread.waiting, stack: stack, stackNote: thread.stackNote)
    }
}

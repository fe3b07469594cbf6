// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import HeapProfile
import MicroHTTP

/// `/debug/heap`: live blocks by Swift type and by size, and what the process's memory is used for.
///
/// Made from snapshots and nothing else; the same snapshots, query and instant always give the same bytes.
struct HeapPage {
    static let path = "/debug/heap"
    static let parameters = [
        Parameter(name: "since", kind: .integer(1...UInt64.max)), Parameter(name: "id", kind: .integer(1...UInt64.max)),
        Parameter(name: "match", kind: .textPatterns), Parameter(name: "top", kind: .integer(0...100_000)),
        PageFormat.parameter,
    ]
    /// How many types are listed unless `top` says otherwise.
    static let listLimit = 1000
    static let pageLimit = 100

    struct Row: Equatable {
        let type: HeapSnapshot.TypeRow
        /// Nil without an earlier snapshot to compare with.
        var countGrowth: Int?
        var bytesGrowth: Int?
    }

    /// What is looked at; nil where there is no tap.
    let snapshot: HeapSnapshot?
    let refusal: String?
    let memory: MemoryClasses?
    /// What `since` asked for.
    let earlier: HeapSnapshot?
    let kept: [HeapSnapshot]
    let now: ContinuousClock.Instant
    /// Those that match, bounded.
    let rows: [Row]
    let matched: Int
    let sentence: String?
    let query: Wish

    /// How a page is asked for, past what the snapshot decides.
    struct Wish {
        var since: UInt64?
        var id: UInt64?
        var patterns: String?
        var top: Int?
        var matches: (@Sendable (String) -> Bool)?

        init() {}

        init(_ query: Query) {
            since = query.integer("since")
            id = query.integer("id")
            patterns = query.text("match")
            top = query.integer("top").map { Int(clamping: $0) }
            matches = query.filter("match")
        }
    }

    static func answer(_ request: RouteRequest, _ looks: HeapLooks) throws(Problem) -> Response {
        let format = PageFormat(request)
        let query = Wish(request.query)
        if let refusal = HeapLook.refusal {
            let memory = HeapLook.memory(nil, ProcessView.heapSources)
            let page = HeapPage(nil, earlier: nil, kept: [], query, format, refusal: refusal, memory: memory)
            var response = format.response(page.body(format))
            response.status = 501
            return response
        }
        if let since = query.since, let id = query.id, since >= id {
            throw Problem(status: 400, sentence: "since is not before id: give the id of an earlier snapshot")
        }
        // Before the look, which may take the place of the one to compare with.
        let earlier = try query.since.map { (id) throws(Problem) in try find(id, looks.history) }
        let again = try query.id.map { (id) throws(Problem) in try find(id, looks.history) }
        let snapshot = if let again { again } else { try looks.snapshot(for: request.request) }
        let page = HeapPage(snapshot, earlier: earlier, kept: looks.history.snapshots, query, format)
        return format.response(page.body(format))
    }

    private static func find(_ id: UInt64, _ history: HeapHistory) throws(Problem) -> HeapSnapshot {
        if let snapshot = history[id] { return snapshot }
        let ids = history.snapshots.map { String($0.id) }
        let last = ids.last ?? ""
        let list =
            ids.count > 1 ? "snapshots " + ids.dropLast().joined(separator: ", ") + " and " + last : "snapshot " + last
        throw Problem(
            status: 404,
            sentence: "there is no snapshot \(id): "
                + (ids.isEmpty ? "none was taken yet" : "\(list) \(ids.count > 1 ? "are" : "is") kept")
                + "; \(path) takes a new one")
    }

    init(
        _ snapshot: HeapSnapshot?, earlier: HeapSnapshot?, kept: [HeapSnapshot], _ query: Wish,
        _ format: PageFormat, now: ContinuousClock.Instant = .now, refusal: String? = nil,
        memory: MemoryClasses? = nil
    ) {
        self.snapshot = snapshot
        self.refusal = refusal
        self.memory = snapshot?.memory ?? memory
        self.earlier = earlier
        self.kept = kept
        self.now = now
        self.query = query
        let all: [Row]
        if let snapshot, let earlier {
            all = HeapGrowth(from: earlier, to: snapshot).rows.map {
                Row(type: $0.type, countGrowth: $0.countGrowth, bytesGrowth: $0.bytesGrowth)
            }
        } else {
            all = snapshot?.types.map { Row(type: $0) } ?? []
        }
        let matching = all.filter { query.matches?($0.type.name) ?? true }
        matched = matching.count
        rows = Array(matching.prefix(query.top ?? (format == .json ? Self.listLimit : Self.pageLimit)))
        sentence = Self.sentence(self.memory, snapshot, earlier ?? kept.last { $0.id < snapshot?.id ?? 0 })
    }

    var omitted: Int { matched - rows.count }

    private static func sentence(
        _ memory: MemoryClasses?, _ snapshot: HeapSnapshot?, _ earlier: HeapSnapshot?
    ) -> String? {
        guard let memory else { return nil }
        guard let snapshot, let earlier, let before = earlier.memory else { return MemoryAccount(now: memory).sentence }
        let age = (snapshot.taken - earlier.taken).shown
        return MemoryAccount(now: memory, earlier: before, name: "snapshot \(earlier.id) (\(age) before)").sentence
    }

    func body(_ format: PageFormat) -> [UInt8] {
        switch format {
        case .json: json()
        case .text: text()
        case .html: html()
        }
    }

    /// What a reader must know to read the figures right.
    var notes: [String] {
        var notes: [String] = []
        if let snapshot {
            if snapshot.areUpperBounds {
                notes.append(
                    "bytes are upper bounds: the allocator is not glibc's, so a block is taken to reach to the next one, and "
                        + "an instance of a class to have the size of its class")
            }
            if snapshot.unread > 0 {
                let blocks = snapshot.unread == 1 ? "1 block" : "\(snapshot.unread) blocks"
                notes.append("not counted: \(blocks), come or gone meanwhile or swapped out")
            }
        }
        if memory == nil { notes.append("/proc/self cannot be read, so nothing is known of the memory") }
        return notes
    }
}

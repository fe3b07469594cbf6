// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ProcessSnapshot

/// What the text and HTML forms of a page show: groups of threads or tasks with one stack each, bounded.
struct WaiterListing {
    struct Member {
        let id: UInt64
        /// In quotation marks; nil without a name.
        let name: String?
        let details: [Phrase]
    }

    /// Members that wait for the same thing.
    struct Row {
        /// What they wait for; nil where the heading says it.
        let target: Phrase?
        let members: [Member]
        let more: Int
    }

    struct Group {
        let heading: Phrase
        let rows: [Row]
        /// How many more things there are that members wait for.
        let moreTargets: Int
        let stack: ShownStack
    }

    /// A reason and whom it is true of.
    struct Unknown {
        let reason: String
        let ids: [UInt64]
        let more: Int
    }

    let groups: [Group]
    /// Sentences that say what is not shown.
    let leftOut: [String]
    let unknown: [Unknown]

    static let groupLimit = 200
    static let memberLimit = 6
    static let targetLimit = 8
    static let unknownLimit = 50

    init(_ page: some WaiterPage) {
        let all = WaiterGroup.groups(of: page.waiters)
        let shown = all.prefix(page.filter.limit ?? Self.groupLimit)
        groups = shown.map { Self.group($0.byTarget(page.waiters), page) }
        leftOut = Self.leftOut(all, shown: shown.count, page)
        unknown = Self.unknown(page.missing.map { ($0.id, $0.reason) })
    }

    private static func group(_ group: WaiterGroup, _ page: some WaiterPage) -> Group {
        let waiters = page.waiters
        let first = group.members[0]
        let isOneTarget = group.targets.count == 1
        let span = group.span(waiters)
        var heading = Phrase(page.kind.counted(group.members.count) + ", ")
        heading = heading + page.heading(first, isOneTarget: isOneTarget)
        if let span { heading = heading + (", " + page.durationWords + " " + span) }
        let isSpread = span?.contains(" to ") ?? false
        let rows = group.targets.prefix(targetLimit).map { members in
            Row(
                target: isOneTarget ? nil : page.target(members[0]),
                members: members.prefix(memberLimit).map { member($0, page, withWait: isSpread) },
                more: max(0, members.count - memberLimit))
        }
        return Group(
            heading: heading, rows: rows, moreTargets: max(0, group.targets.count - targetLimit),
            stack: ShownStack(page.stacks[waiters[first].stack], note: waiters[first].stackNote))
    }

    private static func member(_ index: Int, _ page: some WaiterPage, withWait: Bool) -> Member {
        var details = page.details(index)
        if withWait, let waiting = page.waiters[index].waiting { details.insert(Phrase(waiting.shown), at: 0) }
        return Member(id: page.waiters[index].id, name: page.name(index).map(shownName), details: details)
    }

    private static func leftOut(_ all: [WaiterGroup], shown: Int, _ page: some WaiterPage) -> [String] {
        guard shown < all.count else { return [] }
        let members = all[shown...].reduce(0) { $0 + $1.members.count }
        return [
            "\(all.count - shown) more \(all.count - shown == 1 ? "group" : "groups") with "
                + "\(page.kind.counted(members)) left out: raise limit, or narrow with state, name or min_seconds"
        ]
    }

    /// By reason, in the order in which the reasons first come.
    static func unknown(_ all: [(id: UInt64, reason: String)]) -> [Unknown] {
        var places: [String: Int] = [:]
        var reasons: [(reason: String, ids: [UInt64])] = []
        for waiter in all {
            if let place = places[waiter.reason] {
                reasons[place].ids.append(waiter.id)
            } else {
                places[waiter.reason] = reasons.count
                reasons.append((waiter.reason, [waiter.id]))
            }
        }
        return reasons.prefix(unknownLimit).map {
            Unknown(
                reason: shownText($0.reason), ids: Array($0.ids.prefix(unknownLimit)),
                more: max(0, $0.ids.count - unknownLimit))
        }
    }
}

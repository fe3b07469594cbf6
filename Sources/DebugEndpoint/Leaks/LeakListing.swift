// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What the text and HTML forms of a leak report show: groups of leaks that read the same, causes before consequences, bounded.
struct LeakListing {
    struct Group {
        let kind: WaiterKind
        let heading: String
        /// Those with the same reason together.
        let rows: [Row]
        let moreRows: Int
        let stack: ShownStack
    }

    struct Row {
        let reason: Phrase
        let members: [WaiterListing.Member]
        let more: Int
    }

    let summary: [String]
    let groups: [Group]
    /// Sentences that say what is not shown.
    let leftOut: [String]
    let unknown: [(kind: WaiterKind, reasons: [WaiterListing.Unknown])]

    private static let groupLimit = 200
    private static let rowLimit = 8
    private static let memberLimit = 6
    /// What can be mended first: who is behind others goes on by itself then.
    private static let order: [Leak.Verdict] = [.deadlock, .abandoned, .orphaned, .blockedBehind]

    private struct Key: Hashable {
        let verdict: Leak.Verdict
        let certainty: Leak.Certainty
        let kind: LeakReport.Kind
        let primitive: String
        let stack: [SymbolicatedStacks.Frame]
    }

    init(_ report: LeakReport) {
        var places: [Key: Int] = [:]
        var all: [(key: Key, leaks: [Leak])] = []
        for leak in report.leaks {
            let key = Key(
                verdict: leak.verdict, certainty: leak.certainty, kind: leak.kind,
                primitive: leak.waitingOn.primitive, stack: leak.stack.map(\.shown))
            if let place = places[key] {
                all[place].leaks.append(leak)
            } else {
                places[key] = all.count
                all.append((key, [leak]))
            }
        }
        let ranks = Dictionary(uniqueKeysWithValues: Self.order.enumerated().map { ($0.element, $0.offset) })
        // Of equal ones the order of ids stays.
        let sorted = all.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            let order = (ranks[a.key.verdict] ?? 0, b.leaks.count) < (ranks[b.key.verdict] ?? 0, a.leaks.count)
            let isEqual = a.key.verdict == b.key.verdict && a.leaks.count == b.leaks.count
            return isEqual ? left.offset < right.offset : order
        }.map(\.element)
        groups = sorted.prefix(Self.groupLimit).map { Self.group($0.key, $0.leaks) }
        summary = Self.summary(report)
        let rest = sorted.dropFirst(Self.groupLimit)
        let more = rest.reduce(0) { $0 + $1.leaks.count }
        leftOut =
            (rest.isEmpty ? [] : ["\(rest.count) more groups with \(more) leaks left out: format=json has all"])
            + report.unknown.filter { $0.id == 0 }.map { "nothing is said of any \($0.kind.rawValue): \($0.reason)" }
        unknown = [WaiterKind.thread, .task].map { kind in
            let waiters = report.unknown.filter { $0.id != 0 && $0.kind.rawValue == kind.rawValue }
            return (kind, WaiterListing.unknown(waiters.map { ($0.id, $0.reason) }))
        }
    }

    private static func summary(_ report: LeakReport) -> [String] {
        let looked =
            "scan \(report.scans): \(report.duration.shown), \(report.scannedBytes >> 20) MiB read"
            + (report.pause > .zero ? ", no thread stopped for more than \(report.pause.shown)" : "")
        guard !report.leaks.isEmpty else {
            return ["no leaks: somebody alive can wake each of the \(report.waiters) that wait for others", looked]
        }
        let kinds = [WaiterKind.thread, .task].compactMap { kind -> String? in
            let count = report.leaks.count { $0.kind.rawValue == kind.rawValue }
            return count > 0 ? kind.counted(count) : nil
        }
        let verdicts = order.compactMap { verdict -> String? in
            let count = report.leaks.count { $0.verdict == verdict }
            return count > 0 ? "\(count) \(verdict.rawValue)" : nil
        }
        return [
            "\(kinds.joined(separator: " and ")) will never wake, of \(report.waiters) that wait for others: "
                + verdicts.joined(separator: ", "), looked,
        ]
    }

    private static func group(_ key: Key, _ leaks: [Leak]) -> Group {
        let kind: WaiterKind = key.kind == .thread ? .thread : .task
        var heading = "\(key.verdict.rawValue): \(kind.counted(leaks.count)), waiting on \(key.primitive)"
        if let longest = leaks.map(\.blocked).max(), longest > .zero { heading += ", for at least \(longest.shown)" }
        if key.certainty == .suspected { heading += " (suspected)" }
        var places: [String: Int] = [:]
        var rows: [(reason: Phrase, leaks: [Leak])] = []
        for leak in leaks {
            if let place = places[leak.reason] {
                rows[place].leaks.append(leak)
            } else {
                places[leak.reason] = rows.count
                rows.append((Phrase(shownText(leak.reason), linking: leak.holder), [leak]))
            }
        }
        return Group(
            kind: kind, heading: heading,
            rows: rows.prefix(rowLimit).map { row in
                Row(
                    reason: row.reason, members: row.leaks.prefix(memberLimit).map(member),
                    more: max(0, row.leaks.count - memberLimit))
            },
            moreRows: max(0, rows.count - rowLimit),
            stack: ShownStack(key.stack, note: key.stack.isEmpty ? "none could be read" : nil))
    }

    private static func member(_ leak: Leak) -> WaiterListing.Member {
        let type = leak.waitingOn.type.map { shownText($0) + " " } ?? ""
        let details = leak.waitingOn.address == 0 ? [] : [Phrase(type + "at " + shownAddress(leak.waitingOn.address))]
        return WaiterListing.Member(id: leak.id, name: leak.name.map(shownName), details: details)
    }
}

extension Phrase {
    /// The first mention of the holder becomes a link.
    init(_ text: String, linking holder: Leak.Holder?) {
        guard let holder, let place = text.firstRange(of: "\(holder.kind.rawValue) \(holder.id)"),
            text[place.upperBound...].first.map({ !$0.isNumber }) ?? true
        else {
            self.init(text)
            return
        }
        let kind: WaiterKind = holder.kind == .thread ? .thread : .task
        self.init(
            .text(String(text[..<place.lowerBound])), .link(String(text[place]), kind, holder.id),
            .text(String(text[place.upperBound...])))
    }
}

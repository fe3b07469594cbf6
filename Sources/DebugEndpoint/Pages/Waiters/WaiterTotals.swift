// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ProcessSnapshot

/// How many threads or tasks are in each state, of all and whatever a filter leaves out.
struct WaiterTotals {
    let states: [(state: String, count: Int)]
    let all: Int

    init(_ found: [String], states: [String]) {
        var counts: [String: Int] = [:]
        for state in found { counts[state, default: 0] += 1 }
        self.states = states.map { ($0, counts[$0] ?? 0) }
        all = found.count
    }

    /// The unknown that are not listed either: one that is listed says there what is not known.
    static func missing(_ unknown: [UnknownWaiter], from listed: [UInt64]) -> [UnknownWaiter] {
        guard !unknown.isEmpty else { return [] }
        let listed = Set(listed)
        return unknown.filter { !listed.contains($0.id) }
    }

    /// The first lines of a page. `more` follows the totals.
    func summary(
        _ kind: WaiterKind, _ more: String?, unknown: Int, pause: Duration?, _ filter: WaiterFilter, matched: Int
    ) -> [String] {
        var first = kind.counted(all) + ": " + states.map { "\($0.count) \($0.state)" }.joined(separator: ", ")
        if let more { first += "; " + more }
        if unknown > 0 { first += "; \(unknown) more of which nothing is known" }
        var lines = [first]
        if let pause {
            lines.append(
                pause == .zero
                    ? "no thread was held to look at it"
                    : "no thread was held for longer than \(pause.shown) to look at it")
        }
        if !filter.admitsAll { lines.append("shown are the \(matched) that match the query") }
        return lines
    }
}

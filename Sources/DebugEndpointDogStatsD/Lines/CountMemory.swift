// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What each total had reached when it was last sent. Holds an entry for each total of the last round.
final class CountMemory<Value: Numeric & Comparable> {
    private struct Entry {
        var sent: Value
        var round: UInt8
    }
    private var entries: [String: Entry] = [:]
    private var round: UInt8 = 0
    private var seen = 0

    /// By how much the total has risen, nil when it has not. One that is new is sent even if it is 0, so that the receiver knows
    /// of it; one that has fallen has begun anew at 0.
    func rise(of key: String, to total: Value) -> Value? {
        guard let entry = entries[key] else { return total }
        if entry.round != round {
            entries[key]?.round = round
            seen += 1
        }
        if total == entry.sent { return nil }
        return total > entry.sent ? total - entry.sent : total
    }

    func remember(_ key: String, _ total: Value) {
        if entries.updateValue(Entry(sent: total, round: round), forKey: key)?.round != round { seen += 1 }
    }

    /// Ends a round: forgets totals that it had no more.
    func forgetUnseen() {
        if seen < entries.count { entries = entries.filter { $0.value.round == round } }
        round &+= 1
        seen = 0
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Keeps what was summed: a total for each account, and a chain of entries, each sealed with the seal of the one before.
///
/// Every post checks the chain. That takes long enough for requests to queue at this actor under load.
actor Ledger {
    struct Entry: Sendable {
        let sum: Double
        let documentChecksum: UInt32
        let seal: UInt32
    }

    struct Totals: Sendable {
        var entries = 0
        var sum = 0.0
    }

    private static let entriesKept = 8192

    private var entries: [Entry] = []
    /// The seal before the oldest entry kept.
    private var oldestSeal: UInt32 = 0
    private var hasBeenTamperedWith = false
    private(set) var totals: [String: Totals] = [:]

    /// Adds a sum to an account's total.
    /// - Returns: the seal of the new entry.
    func post(account: String, sum: Double, documentChecksum: UInt32) -> UInt32 {
        if entries.count == Self.entriesKept {
            oldestSeal = entries[Self.entriesKept / 2 - 1].seal
            entries.removeFirst(Self.entriesKept / 2)
        }
        let seal = Self.seal(sum, documentChecksum, after: entries.last?.seal ?? oldestSeal)
        entries.append(Entry(sum: sum, documentChecksum: documentChecksum, seal: seal))
        totals[account, default: Totals()].entries += 1
        totals[account, default: Totals()].sum += sum
        if !verifyChain() { hasBeenTamperedWith = true }
        return seal
    }

    /// - Returns: how many entries are kept, or nil when one was ever found tampered with.
    func audit() -> Int? {
        hasBeenTamperedWith ? nil : entries.count
    }

    /// Seals every entry that is kept again and compares. Not inlined, so that the profile shows it by its name.
    @inline(never)
    private func verifyChain() -> Bool {
        var previous = oldestSeal
        for entry in entries {
            guard Self.seal(entry.sum, entry.documentChecksum, after: previous) == entry.seal else { return false }
            previous = entry.seal
        }
        return true
    }

    private static func seal(_ sum: Double, _ documentChecksum: UInt32, after previous: UInt32) -> UInt32 {
        withUnsafeBytes(of: (sum.bitPattern, UInt64(documentChecksum))) { checksum($0, after: previous) }
    }
}

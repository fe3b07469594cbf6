// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Whom a client asks about: `thread-4711`, `task-17`, or only `17`, which may be both.
struct WaiterID: Sendable, Equatable {
    /// Nil where only the number was given.
    let kind: LeakReport.Kind?
    let id: UInt64

    init(_ kind: LeakReport.Kind, _ id: UInt64) {
        self.kind = kind
        self.id = id
    }

    /// Nil when the text is neither.
    init?(_ text: String) {
        var digits = text[...]
        var kind: LeakReport.Kind?
        for candidate in [LeakReport.Kind.thread, .task] where text.hasPrefix(candidate.rawValue + "-") {
            kind = candidate
            digits = text.dropFirst(candidate.rawValue.count + 1)
        }
        // So many always fit.
        guard (1...19).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let id = UInt64(digits)
        else { return nil }
        self.kind = kind
        self.id = id
    }

    func admits(_ other: LeakReport.Kind) -> Bool { kind == nil || kind == other }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The sentence that answers "is it a leak, or does the allocator keep it?". Pure: the same figures always give the same words.

/// What memory is used for, in words, and what became of it since an earlier look.
package struct MemoryAccount: Sendable {
    let now: MemoryClasses
    /// An earlier look, under the name of its snapshot, and how long ago it was.
    let earlier: (classes: MemoryClasses, name: String)?

    /// - Parameter name: such as `snapshot 2 (41 s ago)`.
    package init(now: MemoryClasses, earlier: MemoryClasses? = nil, name: String = "") {
        self.now = now
        self.earlier = earlier.map { ($0, name) }
    }

    /// Less is steady: threads come and go, and pages are touched for the first time.
    private static func isSmall(_ change: Int, of resident: UInt) -> Bool {
        change.magnitude < max(1 << 20, resident / 100)
    }

    private struct Part {
        let words: String
        let change: Int
        /// What to do when it has grown.
        var advice: String?
    }

    package var sentence: String {
        guard let earlier else { return "Resident: \(Self.bytes(now.resident)). " + composition }
        let before = earlier.classes
        let change = Self.difference(now.resident, before.resident)
        let (live, retained) = (Self.difference(now.live, before.live), Self.difference(now.retained, before.retained))
        if Self.isSmall(change, of: now.resident) {
            let steady =
                "Resident memory is steady at \(Self.bytes(now.resident)), \(Self.signed(change)) since \(earlier.name)"
            if live < 0, retained > 0, !Self.isSmall(live, of: now.resident), !Self.isSmall(retained, of: now.resident)
            {
                return steady + ": live blocks shrank by \(Self.bytes(live.magnitude)), and glibc keeps "
                    + "\(Self.bytes(retained.magnitude)) more of what was freed (retained). " + Self.trimming
            }
            if live > 0, retained < 0, !Self.isSmall(live, of: now.resident) {
                return steady
                    + ": live blocks grew by \(Self.bytes(live.magnitude)) into memory that glibc had retained."
            }
            return steady + ". " + composition
        }
        let verb = change > 0 ? "grew" : "shrank"
        let head =
            "Resident memory \(verb) by \(Self.bytes(change.magnitude)) since \(earlier.name), to "
            + "\(Self.bytes(now.resident)): "
        return head + cause(of: change, parts(since: before))
    }

    private func parts(since before: MemoryClasses) -> [Part] {
        [
            Part(
                words: "live blocks", change: Self.difference(now.live, before.live),
                advice: "The types that grew most say whose they are."),
            Part(
                words: "memory that glibc keeps after it was freed (retained)",
                change: Self.difference(now.retained, before.retained), advice: Self.trimming),
            Part(
                words: "memory of the allocator, live or free", change: Self.difference(now.allocator, before.allocator)
            ),
            Part(words: "thread stacks", change: Self.difference(now.stacks, before.stacks)),
            Part(words: "files and shared memory", change: Self.difference(now.files, before.files)),
            Part(
                words: "tables of the debug endpoint",
                change: Self.difference(now.endpoint, before.endpoint)),
            Part(
                words: "other memory, which no allocator gave",
                change: Self.difference(now.rest &+ now.imageData, before.rest &+ before.imageData)),
        ]
    }

    private func cause(of change: Int, _ parts: [Part]) -> String {
        let sameWay = parts.filter { ($0.change > 0) == (change > 0) && $0.change != 0 }
            .sorted { $0.change.magnitude > $1.change.magnitude }
        guard let first = sameWay.first else { return "no single class accounts for it." }
        let share = Double(first.change.magnitude) / Double(max(1, change.magnitude))
        let advice = change > 0 ? first.advice.map { " " + $0 } ?? "" : ""
        if share >= 0.9 && share <= 1.1 { return "nearly all of it is \(first.words)." + advice }
        if share >= 0.5 { return "most of it is \(first.words), \(Self.signed(first.change))." + advice }
        let list = sameWay.prefix(3).map { "\($0.words) \(Self.signed($0.change))" }.joined(separator: ", ")
        return "no single class has most of it: \(list)."
    }

    /// The largest classes now.
    private var composition: String {
        let classes: [(words: String, bytes: UInt)] = [
            ("live blocks", now.live ?? 0), ("freed but kept by glibc (retained)", now.retained ?? 0),
            ("the allocator's, live or free", now.allocator ?? 0), ("thread stacks", now.stacks),
            ("files and shared memory", now.files), ("tables of the debug endpoint", now.endpoint),
            ("allocator overhead", now.overhead), ("variables of the program and its libraries", now.imageData),
            ("other memory", now.rest),
        ].filter { $0.1 > 0 }.sorted { $0.1 > $1.1 }
        let shown = classes.prefix(3).map { "\(Self.bytes($0.bytes)) \($0.words)" }
        return "Most of it: " + shown.joined(separator: ", ") + "."
    }

    private static let trimming =
        "malloc_trim(0) gives back those of its pages that are wholly free; a lower MALLOC_ARENA_MAX keeps less."

    private static func difference(_ now: UInt?, _ before: UInt?) -> Int {
        guard let now, let before else { return 0 }
        return Int(bitPattern: now &- before)
    }

    private static func signed(_ change: Int) -> String { (change < 0 ? "−" : "+") + bytes(change.magnitude) }

    /// Two or three digits: `512 MiB`, `1.5 GiB`, `640 bytes`.
    package static func bytes(_ count: UInt) -> String {
        guard count >= 1024 else { return "\(count) bytes" }
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var unit = 0
        // In tenths of the unit.
        var value = count > .max / 10 ? count / 1024 * 10 : count * 10 / 1024
        while value >= 10240, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return value < 100 ? "\(value / 10).\(value % 10) \(units[unit])" : "\(value / 10) \(units[unit])"
    }
}

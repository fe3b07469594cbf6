// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// What the kernel shows of one thread. Source: proc(5), `status`, `schedstat` and `syscall` in `/proc/self/task/ID`.
struct ThreadRecord {
    /// A system call that the thread waits in.
    struct Call: Equatable {
        let number: Int
        let arguments: [UInt]
        let stackPointer: UInt
        let programCounter: UInt
    }

    enum Activity: Equatable {
        /// On a processor, waiting for one, or stopped.
        case running
        case inCall(Call)
        /// In the kernel for another reason than a system call, such as a page that must be read from disk.
        case inFault(stackPointer: UInt, programCounter: UInt)
        /// The kernel does not say.
        case hidden
    }

    /// What the scheduler has counted of a thread. Zeros where the kernel does not count.
    private struct Schedule: Equatable {
        /// Nanoseconds on a processor.
        let runtime: Int64
        /// How often it came onto one.
        let turns: UInt64

        init?(_ id: Int32) {
            guard let line = ProcFile.read("/proc/self/task/\(id)/schedstat") else { return nil }
            let words = line.utf8.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
            guard words.count >= 3, let runtime = Int64(Substring(words[0])), let turns = UInt64(Substring(words[2]))
            else { return nil }
            self.runtime = runtime
            self.turns = turns
        }
    }

    let id: Int32
    let name: String
    /// As in `status`: R, S, D, T and so on.
    let letter: UInt8
    let cpuTime: Duration
    var activity: Activity
    /// Unchanged as long as a thread stays in the same wait.
    let switches: UInt64
    let blockedSignals: UInt64
    let pendingSignals: UInt64
    private let schedule: Schedule?

    /// Nil when the thread has ended. Cost: three small files, some 25 µs.
    init?(_ id: Int32) {
        let folder = "/proc/self/task/\(id)/"
        guard let status = ProcFile.bytes(folder + "status") else { return nil }
        schedule = Schedule(id)
        // Read last, so that a thread that the others show waiting is either still there or seen to have moved on.
        let activity = Self.activity(ProcFile.read(folder + "syscall"))
        var name = ""
        var letter = UInt8(ascii: "?")
        var switches: UInt64 = 0
        var blocked: UInt64 = 0
        var pending: UInt64 = 0
        for line in status.split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            func has(_ key: StaticString) -> Bool {
                key.utf8CodeUnitCount == colon - line.startIndex
                    && key.withUTF8Buffer { $0.elementsEqual(line[..<colon]) }
            }
            let value = line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            var text: String { String(decoding: value, as: UTF8.self) }
            if has("Name") {
                name = Self.unescaped(line[(colon + 1)...].dropFirst())  // after one tab
            } else if has("State") {
                letter = value.first ?? letter
            } else if has("SigPnd") {
                pending = UInt64(text, radix: 16) ?? 0
            } else if has("SigBlk") {
                blocked = UInt64(text, radix: 16) ?? 0
            } else if has("voluntary_ctxt_switches") || has("nonvoluntary_ctxt_switches") {
                switches &+= UInt64(text) ?? 0
            }
        }
        self.id = id
        self.name = name
        self.letter = letter
        self.cpuTime = .nanoseconds(schedule?.runtime ?? 0)
        self.activity = activity
        self.switches = switches
        self.blockedSignals = blocked
        self.pendingSignals = pending
    }

    /// A name as the thread has it: in `status` the kernel writes a backslash twice and the end of a line as `\n`.
    private static func unescaped(_ text: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let next = rest.popFirst() else {
                bytes.append(byte)
                continue
            }
            bytes.append(next == UInt8(ascii: "n") ? UInt8(ascii: "\n") : next)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Every thread's id, in order; nil when /proc cannot be read. Some may have ended.
    static func ids() -> [Int32]? {
        var ids: Set<Int32> = []
        // The kernel ends a listing early when the thread that it stands at ends. So until as many are found as there are.
        for _ in 0..<10 {
            guard let names = ProcFile.entryNames("/proc/self/task") else { return nil }
            let found = names.compactMap { Int32($0) }
            ids.formUnion(found)
            if found.count >= count() { break }
        }
        return ids.sorted()
    }

    /// How many threads there are: the folder has a link from each of its own, and two more.
    private static func count() -> Int {
        var folder = stat()
        return stat("/proc/self/task", &folder) == 0 ? Int(folder.st_nlink) - 2 : 0
    }

    /// Whether the thread has not been on a processor since this was read, so that it is where it was, and all of it is as it
    /// was; false also when the kernel does not tell. Cost: one small file, some 8 µs.
    func hasNotRunSince() -> Bool {
        guard let schedule, schedule.turns > 0 else { return false }
        return Schedule(id) == schedule
    }

    /// Whether `other`, read later, shows the thread in the same wait all the time between.
    func isSameWait(as other: ThreadRecord) -> Bool {
        activity == other.activity && switches == other.switches
    }

    /// Whether the thread is still in the same wait and was in it all the time.
    func isStillThere() -> Bool {
        hasNotRunSince() || ThreadRecord(id).map { isSameWait(as: $0) } ?? false
    }

    func isPending(_ signal: Int32) -> Bool { pendingSignals >> UInt64(signal - 1) & 1 == 1 }
    func isBlocked(_ signal: Int32) -> Bool { blockedSignals >> UInt64(signal - 1) & 1 == 1 }

    /// A line such as `202 0x7ffd… 0x80 0x0 0x0 0x0 0x0 0x7ffd… 0x7f31…`, `-1 0x7ffd… 0x7f31…`, or `running`.
    private static func activity(_ line: String?) -> Activity {
        guard let line else { return .hidden }
        let words = line.utf8.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
        guard let first = words.first.map({ String(decoding: $0, as: UTF8.self) }) else { return .hidden }
        if first == "running" { return .running }
        let values = words.dropFirst().compactMap { UInt(hexadecimal: Array($0.dropFirst(2))[...]) }
        switch (Int(first), values.count) {
        case (.some(-1), 2): return .inFault(stackPointer: values[0], programCounter: values[1])
        case (.some(let number), 8):
            return .inCall(
                Call(
                    number: number, arguments: Array(values[..<6]), stackPointer: values[6], programCounter: values[7]))
        default: return .hidden
        }
    }
}

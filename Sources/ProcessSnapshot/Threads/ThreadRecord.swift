// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

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

    let id: Int32
    let name: String
    /// As in `status`: R, S, D, T and so on.
    let letter: UInt8
    let cpuTime: Duration
    let activity: Activity
    /// Unchanged as long as a thread stays in the same wait.
    let switches: UInt64
    let blockedSignals: UInt64
    let pendingSignals: UInt64

    /// Nil when the thread has ended. Cost: three small files, some 25 µs.
    init?(_ id: Int32) {
        let folder = "/proc/self/task/\(id)/"
        guard let status = ProcFile.read(folder + "status") else { return nil }
        // Read second, so that a thread that the status shows waiting is either still there or seen to have moved on.
        let activity = Self.activity(ProcFile.read(folder + "syscall"))
        var name = ""
        var letter = UInt8(ascii: "?")
        var switches: UInt64 = 0
        var blocked: UInt64 = 0
        var pending: UInt64 = 0
        for line in status.utf8.split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            let text = String(decoding: value, as: UTF8.self)
            switch String(decoding: line[..<colon], as: UTF8.self) {
            case "Name": name = text
            case "State": letter = value.first ?? letter
            case "SigPnd": pending = UInt64(text, radix: 16) ?? 0
            case "SigBlk": blocked = UInt64(text, radix: 16) ?? 0
            case "voluntary_ctxt_switches", "nonvoluntary_ctxt_switches": switches &+= UInt64(text) ?? 0
            default: break
            }
        }
        let runtime = ProcFile.read(folder + "schedstat")?.split(separator: " ").first.flatMap { Int64($0) } ?? 0
        self.id = id
        self.name = name
        self.letter = letter
        self.cpuTime = .nanoseconds(runtime)
        self.activity = activity
        self.switches = switches
        self.blockedSignals = blocked
        self.pendingSignals = pending
    }

    /// Every thread's id, in order; nil when /proc cannot be read. Some may have ended.
    static func ids() -> [Int32]? {
        var ids: Set<Int32> = []
        // The kernel ends a listing early when the thread that it stands at ends. So until as many are found as there are.
        for _ in 0..<10 {
            guard let names = ProcFile.entryNames("/proc/self/task") else { return nil }
            let found = names.compactMap { Int32($0) }
            ids.formUnion(found)
            let count = ProcFile.read("/proc/self/status").flatMap { ProcFile.number("Threads", in: $0) } ?? 0
            if found.count >= Int(count) { break }
        }
        return ids.sorted()
    }

    /// Whether `other`, read later, shows the thread in the same wait all the time between.
    func isSameWait(as other: ThreadRecord) -> Bool {
        activity == other.activity && switches == other.switches
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

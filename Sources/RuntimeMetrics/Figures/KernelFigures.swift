// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What system calls tell without a file.
import Glibc

/// Source: getrusage(2). Threads that have ended are counted.
struct UsageFigures {
    let userSeconds: Double
    let systemSeconds: Double
    let minorFaults: UInt64
    let majorFaults: UInt64
    let voluntarySwitches: UInt64
    let involuntarySwitches: UInt64

    init?() {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
        userSeconds = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
        systemSeconds = Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) / 1e6
        minorFaults = UInt64(clamping: usage.ru_minflt)
        majorFaults = UInt64(clamping: usage.ru_majflt)
        voluntarySwitches = UInt64(clamping: usage.ru_nvcsw)
        involuntarySwitches = UInt64(clamping: usage.ru_nivcsw)
    }

    /// Of all threads, those that have ended included; finer than what getrusage(2) gives.
    static func processorSeconds() -> Double? {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Source: getrlimit(2). Nil is no limit.
struct LimitFigures {
    let descriptors: UInt64?
    let virtualMemory: UInt64?

    init() {
        descriptors = Self.limit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)))
        virtualMemory = Self.limit(__rlimit_resource_t(UInt32(RLIMIT_AS.rawValue)))
    }

    private static func limit(_ resource: __rlimit_resource_t) -> UInt64? {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur != rlim_t.max else { return nil }
        return UInt64(limit.rlim_cur)
    }
}

/// When the process began.
struct ProcessStart {
    let startSeconds: Double
    /// Since the machine's start, which clocks that are set do not move.
    private let sinceBoot: Double

    /// The wall clock is asked once: when somebody sets it, the start stays where it was told.
    init?(_ files: SystemFiles) {
        let ticks = files.read("/proc/self/stat") { text -> UInt64? in
            // The name in parentheses may hold spaces and parentheses; what follows the last one begins with field 3.
            guard let end = text.bytes.last(UInt8(ascii: ")")) else { return nil }
            var words = Text.Words(text.bytes.from(end + 1))
            return words.next(after: 19)?.number
        }
        guard let ticks, let boot = files.read("/proc/stat", { $0.number(after: "btime ") }) else { return nil }
        sinceBoot = Double(ticks) / Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        startSeconds = Double(boot) + sinceBoot
    }

    var uptimeSeconds: Double? {
        var now = timespec()
        guard clock_gettime(CLOCK_BOOTTIME, &now) == 0 else { return nil }
        // The start is cut to 10 ms.
        return max(0, Double(now.tv_sec) + Double(now.tv_nsec) / 1e9 - sinceBoot)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CSurroundings
import DebugEndpoint
import Glibc

/// Everything stuck at once, with its controls, where something is not as a service is used to: each scan must find all who are
/// stuck, or say of them why it cannot, and accuse nobody else.
enum HostileSurroundings {
    /// What may make surroundings hostile. First thing in the process, or once everybody is stuck.
    private struct Setting {
        var before: () -> Int32 = { 0 }
        var after: () -> Int32 = { 0 }
        /// Before each of the scans.
        var each: () -> Void = {}
        var scans = 2
    }

    private static let tracing: Int32 = 19  // CAP_SYS_PTRACE
    private static let nobody: UInt32 = 65534

    private static func setting(_ name: String) -> Setting? {
        switch name {
        case "nothing": Setting()
        case "yama-1", "yama-2", "yama-3": Setting(before: { yama(Int32(name.suffix(1)) ?? 1) })
        case "no-capability": Setting(before: { surroundings_drop_capability(tracing) })
        case "nobody": Setting(before: { becomeNobody() ?? surroundings_set_dumpable(1) })
        case "dropped-privileges": Setting(before: { becomeNobody() ?? 0 })
        case "docker": Setting(before: { surroundings_docker() })
        // Numbers of x86_64: ptrace, process_vm_readv.
        case "no-ptrace": Setting(before: { deny(101) })
        case "no-reading": Setting(before: { deny(310) })
        case "no-processes":
            Setting(
                before: { becomeNobody() ?? surroundings_set_dumpable(1) }, after: { limit(6, to: 1) })  // RLIMIT_NPROC
        case "not-dumpable":
            Setting(before: { either(surroundings_drop_capability(tracing), surroundings_set_dumpable(0)) })
        case "read-only": Setting(before: { readOnly() })
        case "memory-group": Setting(before: { MemoryGroup.join() }, after: { MemoryGroup.limit(to: 64 << 20) })
        case "address-space": Setting(before: { MemoryGroup.fill() }, after: { limitAddressSpace(to: 64 << 20) })
        case "reaping": Setting(after: { Reaper.start() }, each: { Reaper.startChildren() }, scans: 10)
        case "handlers": Setting(before: { HostHandlers.install() }, scans: 10)
        case "threads-come-and-go": Setting(after: { PassingThreads.start() }, scans: 20)
        case "debugger": Setting(before: { surroundings_begin_debugging() }, scans: 1)
        default: nil
        }
    }

    static func run(_ name: String) {
        guard let setting = setting(name) else {
            print("there is no such setting")
            exit(2)
        }
        var failure = setting.before()
        if failure == 0 {
            Truth.start()
            failure = setting.after()
        }
        print("refused", failure)
        guard failure == 0 else { exit(0) }
        for _ in 0..<setting.scans {
            setting.each()
            Truth.scan()
        }
        switch name {
        case "handlers": HostHandlers.report()
        case "reaping": Reaper.report()
        case "memory-group": MemoryGroup.leave()
        case "debugger":
            Truth.report("attached_")
            Truth.reset()
            print("refused", surroundings_end_debugging())
            Truth.scan()
        default: break
        }
        Truth.report()
        exit(0)
    }

    // MARK: Settings

    private static func either(_ first: Int32, _ second: @autoclosure () -> Int32) -> Int32 {
        first != 0 ? first : second()
    }

    /// What the kernel says of Yama is for the sentence only; where it cannot be made up, the sentence speaks of the filter.
    private static func yama(_ scope: Int32) -> Int32 {
        print("is_shown", surroundings_show_yama(scope) == 0)
        return either(surroundings_drop_capability(tracing), surroundings_yama(scope))
    }

    private static func deny(_ call: Int) -> Int32 {
        either(surroundings_drop_capability(tracing), surroundings_deny([call], 1, EPERM))
    }

    private static func readOnly() -> Int32 {
        let failure = surroundings_read_only()
        print("is_mounted", failure == 0)
        return failure == 0 ? 0 : surroundings_deny_writing()
    }

    private static func becomeNobody() -> Int32? {
        guard getuid() == 0 else { return nil }
        setgroups(0, nil)
        return setgid(nobody) == 0 && setuid(nobody) == 0 ? nil : -errno
    }

    private static func limit(_ what: Int32, to value: UInt) -> Int32 {
        var limit = rlimit(rlim_cur: value, rlim_max: value)
        return setrlimit(what, &limit) == 0 ? 0 : -errno
    }

    private static func limitAddressSpace(to more: UInt) -> Int32 {
        // The first figure: all of it, in pages.
        guard let file = fopen("/proc/self/statm", "r") else { return -errno }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        fgets(&line, Int32(line.count), file)
        return limit(9, to: strtoul(line, nil, 10) * 4096 + more)  // RLIMIT_AS
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Source: `/proc/self/statm`.
struct MemorySizes {
    let virtual: UInt64
    let resident: UInt64

    init?(_ files: SystemFiles) {
        let pages = files.read("/proc/self/statm") { text -> (UInt64, UInt64)? in
            var words = Text.Words(text.bytes)
            guard let all = words.next()?.number, let resident = words.next()?.number else { return nil }
            return (all, resident)
        }
        guard let pages else { return nil }
        let size = UInt64(sysconf(Int32(_SC_PAGESIZE)))
        virtual = pages.0 &* size
        resident = pages.1 &* size
    }
}

/// Source: `/proc/self/status`.
struct StatusFigures {
    let residentPeak: UInt64?
    let swapped: UInt64?
    let pageTables: UInt64?
    /// Processors that the main thread may run on.
    let allowedProcessors: UInt64?

    init?(_ files: SystemFiles) {
        let figures = files.read("/proc/self/status") { text in
            Self(
                residentPeak: text.number(after: "VmHWM:").map { $0 &* 1024 },
                swapped: text.number(after: "VmSwap:").map { $0 &* 1024 },
                pageTables: text.number(after: "VmPTE:").map { $0 &* 1024 },
                allowedProcessors: text.line(beginning: "Cpus_allowed:").flatMap(Self.bitCount))
        }
        guard let figures else { return nil }
        self = figures
    }

    private init(residentPeak: UInt64?, swapped: UInt64?, pageTables: UInt64?, allowedProcessors: UInt64?) {
        self.residentPeak = residentPeak
        self.swapped = swapped
        self.pageTables = pageTables
        self.allowedProcessors = allowedProcessors
    }

    /// Of a mask such as `ffffffff,000000ff`.
    private static func bitCount(_ mask: UnsafeBufferPointer<UInt8>) -> UInt64? {
        var count: UInt64 = 0
        var index = 0
        while index < mask.count {
            let byte = mask[index]
            index += 1
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): count += UInt64((byte - UInt8(ascii: "0")).nonzeroBitCount)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): count += UInt64((byte - UInt8(ascii: "a") + 10).nonzeroBitCount)
            case UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: " "): continue
            default: return nil
            }
        }
        return count > 0 ? count : nil
    }
}

/// Source: `/proc/self/smaps_rollup`, since Linux 4.14.
///
/// The kernel goes through every page and holds the lock of the address space meanwhile, some 18 ms for 1 GiB.
struct RollupFigures {
    let proportional: UInt64?
    let privateDirty: UInt64?
    let hugePages: UInt64?
    let lazilyFreed: UInt64?

    static func read(_ files: SystemFiles) -> RollupFigures? {
        files.read("/proc/self/smaps_rollup") { text in
            RollupFigures(
                proportional: text.number(after: "Pss:").map { $0 &* 1024 },
                privateDirty: text.number(after: "Private_Dirty:").map { $0 &* 1024 },
                hugePages: text.number(after: "AnonHugePages:").map { $0 &* 1024 },
                lazilyFreed: text.number(after: "LazyFree:").map { $0 &* 1024 })
        }
    }
}

/// Source: `/proc/self/io`. Threads that have ended are counted.
struct InputOutputFigures {
    let read: UInt64
    let written: UInt64
    let readCalls: UInt64
    let writeCalls: UInt64
    let storageRead: UInt64?
    let storageWritten: UInt64?

    static func read(_ files: SystemFiles) -> InputOutputFigures? {
        files.read("/proc/self/io") { text in
            guard let read = text.number(after: "rchar:"), let written = text.number(after: "wchar:"),
                let readCalls = text.number(after: "syscr:"), let writeCalls = text.number(after: "syscw:")
            else { return nil }
            return InputOutputFigures(
                read: read, written: written, readCalls: readCalls, writeCalls: writeCalls,
                storageRead: text.number(after: "read_bytes:"), storageWritten: text.number(after: "write_bytes:"))
        }
    }
}

/// Source: `/proc/self/net/dev`. Sums over the interfaces but the loopback.
struct NetworkFigures {
    private(set) var received: UInt64 = 0
    private(set) var sent: UInt64 = 0

    static func read(_ files: SystemFiles) -> NetworkFigures? {
        files.read("/proc/self/net/dev") { text in
            var figures = NetworkFigures()
            var lines = Text.Lines(text.bytes)
            while let line = lines.next() {
                // Two lines of headings have no colon. A large number may follow the colon without a blank.
                guard let colon = line.last(UInt8(ascii: ":")) else { continue }
                var name = Text.Words(line.upTo(colon))
                if let name = name.next(), name.count == 2, name.begins(with: "lo") { continue }
                var words = Text.Words(line.from(colon + 1))
                guard let received = words.next()?.number, let sent = words.next(after: 7)?.number else { continue }
                figures.received &+= received
                figures.sent &+= sent
            }
            return figures
        }
    }
}

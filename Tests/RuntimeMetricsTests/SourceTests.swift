// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import RuntimeMetrics

@Suite struct SourceTests {
    private static func thread(_ id: Int, name: String = "app", state: String = "S", waited: Int = 0) -> [String:
        String]
    {
        [
            "proc/self/task/\(id)/stat": "\(id) (\(name)) \(state) 1 1 1 0 -1 0",
            "proc/self/task/\(id)/schedstat": "1000 \(waited) 5\n",
        ]
    }

    private static func system(_ threads: [[String: String]]) throws -> MadeUpSystem {
        try MadeUpSystem(threads.reduce(into: [:]) { $0.merge($1) { $1 } })
    }

    @Test func threadsAreCountedByState() throws {
        let states = ["R", "R", "S", "S", "S", "D", "T", "t", "I", "Z"]
        let system = try Self.system(states.enumerated().map { Self.thread($0.offset + 1, state: $0.element) })
        #expect(system.value("/sched/threads/running:threads") == .uint64(2))
        #expect(system.value("/sched/threads/waiting:threads") == .uint64(4))
        #expect(system.value("/sched/threads/uninterruptible:threads") == .uint64(1))
        #expect(system.value("/sched/threads/stopped:threads") == .uint64(2))
    }

    @Test func threadsAreToldApartByName() throws {
        let system = try Self.system([
            Self.thread(1, name: "root.default-qos".suffix(15).description), Self.thread(2, name: "-qos.overcommit"),
            Self.thread(3, name: "debug-http"), Self.thread(4, name: "MHD-listen"), Self.thread(5, name: "qos"),
            Self.thread(6, name: ") R (-qos"), Self.thread(7, name: ""),
        ])
        try system.put("proc/self/task/1/syscall", "202 0x7f 0x80 0x0 0x0 0x0 0x0 0x7ffd 0x7f31\n")
        try system.put("proc/self/task/2/syscall", "0 0x3 0x7f 0x0 0x0 0x0 0x0 0x7ffd 0x7f31\n")
        #expect(system.value("/sched/threads/dispatch-workers:threads") == .uint64(3))
        #if arch(x86_64)
            #expect(system.value("/sched/threads/dispatch-workers-busy:threads") == .uint64(2))
        #endif
        #expect(system.value("/sched/threads/debug-endpoint:threads") == .uint64(2))
        #expect(system.value("/sched/threads/waiting:threads") == .uint64(7), "whatever is in a name")
    }

    @Test func theTimeOfThreadsThatHaveEndedIsKept() throws {
        let name = "/sched/run-queue-wait:seconds"
        let system = try Self.system([Self.thread(5, waited: 2_000_000_000), Self.thread(9, waited: 1_000_000_000)])
        #expect(system.value(name) == .double(3))
        try system.remove("proc/self/task/9")
        #expect(system.value(name) == .double(3))
        // Another thread that has the same id counts from its own beginning.
        for (path, text) in Self.thread(9, waited: 500_000_000) { try system.put(path, text) }
        #expect(system.value(name) == .double(3.5))
        for (path, text) in Self.thread(9, waited: 250_000_000) { try system.put(path, text) }
        #expect(system.value(name) == .double(3.75), "less than before is another thread")
        for (path, text) in Self.thread(5, waited: 4_000_000_000) { try system.put(path, text) }
        #expect(system.value(name) == .double(5.75))
    }

    @Test func networkBytesAreThoseOfAllInterfacesButTheLoopback() throws {
        let system = try MadeUpSystem([
            "proc/self/net/dev": """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo: 9999 1 0 0 0 0 0 0 9999 1 0 0 0 0 0 0
              eth0: 100 1 0 0 0 0 0 0 200 1 0 0 0 0 0 0
              eth1:1000 1 0 0 0 0 0 0 2000 1 0 0 0 0 0 0

            """
        ])
        #expect(system.value("/net/received:bytes") == .uint64(1100))
        #expect(system.value("/net/sent:bytes") == .uint64(2200))
    }

    @Test func theStartOfTheProcessStaysWhenTheWallClockIsSet() throws {
        let fields = (4...21).map { _ in "0" }.joined(separator: " ")
        let system = try MadeUpSystem([
            "proc/self/stat": "7 (a (b) c) S \(fields) 500 4096 1\n", "proc/stat": "cpu 1 2\nbtime 1700000000\n",
        ])
        #expect(system.value("/process/start-time:seconds") == .double(1_700_000_005))
        // When somebody sets the clock, the machine seems to have started at another time.
        try system.put("proc/stat", "btime 1600000000\n")
        #expect(system.value("/process/start-time:seconds") == .double(1_700_000_005))
        let first = system.value("/process/uptime:seconds").number ?? -1
        #expect(first >= 0)
        #expect(system.value("/process/uptime:seconds").number ?? -1 >= first)
    }

    @Test func memoryIsInBytes() throws {
        let system = try MadeUpSystem([
            "proc/self/status": "VmHWM:\t    2000 kB\nVmSwap:\t       3 kB\nVmPTE:\t      48 kB\n",
            "proc/self/smaps_rollup":
                "55-7f ---p 0 00:00 0 [rollup]\nRss: 100 kB\nPss:                  50 kB\nPss_Dirty: 7 kB\nPrivate_Dirty: 20 kB\nLazyFree: 4 kB\nAnonHugePages: 2048 kB\n",
        ])
        #expect(system.value("/memory/resident-peak:bytes") == .uint64(2_048_000))
        #expect(system.value("/memory/swapped:bytes") == .uint64(3072))
        #expect(system.value("/memory/page-tables:bytes") == .uint64(49152))
        #expect(system.value("/memory/proportional:bytes") == .uint64(51200))
        #expect(system.value("/memory/private-dirty:bytes") == .uint64(20480))
        #expect(system.value("/memory/lazily-freed:bytes") == .uint64(4096))
        #expect(system.value("/memory/huge-pages:bytes") == .uint64(2_097_152))
    }
}

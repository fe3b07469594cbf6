// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import RuntimeMetrics

@Suite struct CgroupTests {
    private static let unifiedMount = "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"

    private static func folders(_ chain: CgroupChain?) -> [String] {
        (chain?.folders ?? []).map { String(decoding: $0.path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) }
    }

    @Test(arguments: [
        // A service of systemd: its own group first, then those above.
        (
            "0::/system.slice/app.service\n", unifiedMount,
            ["/sys/fs/cgroup/system.slice/app.service", "/sys/fs/cgroup/system.slice", "/sys/fs/cgroup"]
        ),
        // A container with a namespace of its own.
        ("0::/\n", unifiedMount, ["/sys/fs/cgroup"]),
        // A container without: the mount is the group.
        (
            "0::/kubepods/pod1/c2\n", "29 23 0:26 /kubepods/pod1/c2 /sys/fs/cgroup ro - cgroup2 cgroup rw",
            ["/sys/fs/cgroup"]
        ),
        // A process that was moved out of its namespace.
        ("0::/../other\n", unifiedMount, ["/sys/fs/cgroup"]),
        // The mount shows another part of the hierarchy.
        ("0::/elsewhere\n", "29 23 0:26 /pod /sys/fs/cgroup ro - cgroup2 cgroup rw", ["/sys/fs/cgroup"]),
        // Blanks in names are octal in mountinfo, and more than one field may come before the dash.
        (
            "0::/a\n", "29 23 0:26 / /sys/fs/c\\040g ro shared:1 master:2 - cgroup2 cgroup rw",
            ["/sys/fs/c g/a", "/sys/fs/c g"]
        ),
        // Of two mounts the one that has the group.
        (
            "0::/a/b\n",
            "28 23 0:26 /x /mnt/x rw - cgroup2 c rw\n29 23 0:26 /a /mnt/a rw - cgroup2 c rw",
            ["/mnt/a/b", "/mnt/a"]
        ),
        ("0::/a\n", "", []), ("", unifiedMount, []), ("nonsense\n", "nonsense", []),
    ])
    func theGroupOfVersion2IsFound(cgroup: String, mountinfo: String, expected: [String]) {
        let places = CgroupPlaces(cgroup: cgroup, mountinfo: mountinfo)
        #expect(Self.folders(places.unified) == expected)
        #expect(Self.folders(places.memory) == expected)
        #expect(places.unified?.folders.allSatisfy(\.isUnified) ?? true)
    }

    @Test func eachControllerOfVersion1HasItsOwnGroup() {
        let places = CgroupPlaces(
            cgroup: "5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n3:pids:/\n1:name=systemd:/x\n0::/system.slice\n",
            mountinfo: """
                30 29 0:27 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct
                31 29 0:28 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
                32 29 0:29 / /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids
                33 29 0:30 / /sys/fs/cgroup/unified ro - cgroup2 cgroup rw
                """)
        #expect(Self.folders(places.cpu) == ["/sys/fs/cgroup/cpu,cpuacct"])
        #expect(places.cpuAccounting == places.cpu)
        #expect(Self.folders(places.memory) == ["/sys/fs/cgroup/memory"])
        #expect(Self.folders(places.threads) == ["/sys/fs/cgroup/pids"])
        #expect(Self.folders(places.unified) == ["/sys/fs/cgroup/unified/system.slice", "/sys/fs/cgroup/unified"])
        #expect(places.cpu?.own?.isUnified == false)
    }

    private static func version2(_ extra: [String: String] = [:]) throws -> MadeUpSystem {
        let files = [
            "proc/self/cgroup": "0::/slice/app\n", "proc/self/mountinfo": unifiedMount,
            "proc/self/status": "Name:\tapp\nCpus_allowed:\tff,ffffffff\n",
            "sys/fs/cgroup/slice/app/cpu.max": "max 100000\n", "sys/fs/cgroup/slice/cpu.max": "150000 100000\n",
            "sys/fs/cgroup/slice/app/cpu.stat":
                "usage_usec 2500000\nuser_usec 1\nnr_periods 10\nnr_throttled 4\nthrottled_usec 750000\n",
            "sys/fs/cgroup/slice/app/memory.current": "1000000\n",
            "sys/fs/cgroup/slice/app/memory.max": "8000000\n", "sys/fs/cgroup/slice/memory.max": "4000000\n",
            "sys/fs/cgroup/slice/app/memory.high": "max\n",
            "sys/fs/cgroup/slice/app/memory.events": "low 0\nhigh 3\nmax 2\noom 1\noom_kill 1\noom_group_kill 0\n",
            "sys/fs/cgroup/slice/app/pids.current": "12\n", "sys/fs/cgroup/slice/app/pids.max": "max\n",
            "sys/fs/cgroup/slice/app/memory.pressure":
                "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=250000\n",
        ]
        return try MadeUpSystem(files.merging(extra) { $1 })
    }

    @Test(arguments: [
        ("/cgroup/cpu/limit:processors", RuntimeMetrics.Value.double(1.5)), ("/cpu/limit:processors", .double(1.5)),
        ("/cgroup/cpu/usage:cpu-seconds", .double(2.5)), ("/cgroup/cpu/periods:periods", .uint64(10)),
        ("/cgroup/cpu/throttled:periods", .uint64(4)), ("/cgroup/cpu/throttled:seconds", .double(0.75)),
        ("/cgroup/memory/used:bytes", .uint64(1_000_000)), ("/cgroup/memory/limit:bytes", .uint64(4_000_000)),
        ("/cgroup/memory/high:bytes", .absent), ("/cgroup/memory/high:events", .uint64(3)),
        ("/cgroup/memory/max:events", .uint64(2)), ("/cgroup/memory/oom:events", .uint64(1)),
        ("/cgroup/memory/oom-kill:events", .uint64(1)), ("/cgroup/memory/peak:bytes", .absent),
        ("/cgroup/memory/swapped:bytes", .absent), ("/cgroup/threads/current:threads", .uint64(12)),
        ("/cgroup/threads/limit:threads", .absent), ("/cgroup/pressure/memory/some:seconds", .double(1.5)),
        ("/cgroup/pressure/memory/full:seconds", .double(0.25)), ("/cgroup/pressure/cpu/some:seconds", .absent),
    ])
    func version2IsRead(name: String, expected: RuntimeMetrics.Value) throws {
        #expect(try Self.version2().value(name) == expected)
    }

    @Test(arguments: [
        ("/cgroup/cpu/limit:processors", RuntimeMetrics.Value.double(0.5)),
        ("/cgroup/cpu/usage:cpu-seconds", .double(3)),
        ("/cgroup/cpu/throttled:periods", .uint64(7)), ("/cgroup/cpu/throttled:seconds", .double(2.25)),
        ("/cgroup/memory/used:bytes", .uint64(5_000_000)), ("/cgroup/memory/limit:bytes", .absent),
        ("/cgroup/memory/max:events", .uint64(9)), ("/cgroup/memory/oom-kill:events", .uint64(2)),
        ("/cgroup/memory/high:bytes", .absent), ("/cgroup/memory/swapped:bytes", .uint64(4096)),
        ("/cgroup/threads/limit:threads", .uint64(100)), ("/cgroup/pressure/cpu/some:seconds", .absent),
    ])
    func version1IsRead(name: String, expected: RuntimeMetrics.Value) throws {
        let system = try MadeUpSystem([
            "proc/self/cgroup": "4:memory:/app\n3:pids:/app\n2:cpuacct:/app\n1:cpu:/app\n",
            "proc/self/mountinfo": """
            30 29 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
            31 29 0:28 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct
            32 29 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            33 29 0:30 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
            """,
            "sys/fs/cgroup/cpu/app/cpu.cfs_quota_us": "50000\n", "sys/fs/cgroup/cpu/app/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/cpu/app/cpu.stat": "nr_periods 20\nnr_throttled 7\nthrottled_time 2250000000\n",
            "sys/fs/cgroup/cpuacct/app/cpuacct.usage": "3000000000\n",
            "sys/fs/cgroup/memory/app/memory.usage_in_bytes": "5000000\n",
            "sys/fs/cgroup/memory/app/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/memory/app/memory.failcnt": "9\n",
            "sys/fs/cgroup/memory/app/memory.stat": "cache 1\nrss 2\nswap 4096\n",
            "sys/fs/cgroup/memory/app/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
            "sys/fs/cgroup/pids/app/pids.max": "100\n",
        ])
        #expect(system.value(name) == expected)
    }

    @Test func aProcessThatIsMovedIsFoundInItsNewGroup() throws {
        let system = try Self.version2(["sys/fs/cgroup/other/memory.current": "77\n"])
        #expect(system.value("/cgroup/memory/used:bytes") == .uint64(1_000_000))
        try system.put("proc/self/cgroup", "0::/other\n")
        #expect(system.value("/cgroup/memory/used:bytes") == .uint64(77))
    }

    @Test func theAffinityIsTheLimitWhereThereIsNoQuota() throws {
        let system = try MadeUpSystem(["proc/self/status": "Cpus_allowed:\t3f\n"])
        #expect(system.value("/cpu/limit:processors") == .double(6))
        #expect(system.value("/cgroup/cpu/limit:processors") == .absent)
    }

    @Test(arguments: ["", "max", "abc def", "50000", "50000 0", "-1 100000", "99999999999999999999 100000"])
    func aMalformedQuotaIsNoQuota(text: String) throws {
        let system = try Self.version2([
            "sys/fs/cgroup/slice/app/cpu.max": text, "sys/fs/cgroup/slice/cpu.max": text,
        ])
        #expect(system.value("/cgroup/cpu/limit:processors") == .absent)
        #expect(system.value("/cpu/limit:processors") == .double(40))
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import Glibc

/// Control groups of version 1 or 2 made for this process alone, where it may make some: a CPU quota that it runs into, and limits.
enum RuntimeCgroup {
    @Sendable static func run() throws {
        let name = "debug-endpoint-test-\(getpid())"
        let unified = "/sys/fs/cgroup/" + name
        let old = ["cpu", "memory"].map { "/sys/fs/cgroup/\($0)/" + name }
        // In version 2 the controllers must have been handed down.
        let isUnified = Proc.read("/sys/fs/cgroup/cgroup.subtree_control").contains("cpu")
        let folders = isUnified ? [unified] : old
        guard folders.allSatisfy({ mkdir($0, 0o755) == 0 }) else {
            for folder in folders { rmdir(folder) }
            return report("made", "no")
        }
        var isIn = true
        func put(_ path: String, _ text: String) {
            let file = open(path, O_WRONLY | O_CLOEXEC)
            let bytes = Array(text.utf8)
            if file < 0 || write(file, bytes, bytes.count) != bytes.count { isIn = false }
            close(file)
        }
        if isUnified {
            put(unified + "/cpu.max", "20000 100000")
            put(unified + "/memory.max", "1073741824")
        } else {
            put(old[0] + "/cpu.cfs_period_us", "100000")
            put(old[0] + "/cpu.cfs_quota_us", "20000")
            put(old[1] + "/memory.limit_in_bytes", "1073741824")
        }
        let places = ["cgroup.procs"].flatMap { file in folders.map { $0 + "/" + file } }
        for place in places { put(place, String(getpid())) }
        report("made", isIn ? "yes" : "no")
        if isIn {
            let before = RuntimeFigures.Reading()
            let start = ContinuousClock.now
            // A fifth of a processor: the rest of each period it is kept off.
            while RuntimeFigures.Reading().growth("/cgroup/cpu/throttled:periods", since: before) < 5,
                ContinuousClock.now - start < .seconds(20)
            {}
            let after = RuntimeFigures.Reading()
            report("cpu_limit", after["/cgroup/cpu/limit:processors"])
            report("processors", after["/cpu/limit:processors"])
            report("memory_limit", after["/cgroup/memory/limit:bytes"])
            report("memory_used", after["/cgroup/memory/used:bytes"])
            report("throttled_periods", after.growth("/cgroup/cpu/throttled:periods", since: before))
            report("periods", after.growth("/cgroup/cpu/periods:periods", since: before))
            report("throttled_seconds", after.growth("/cgroup/cpu/throttled:seconds", since: before))
        }
        // A group can go once nobody is in it.
        let parents = isUnified ? ["/sys/fs/cgroup"] : ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/memory"]
        for parent in parents { put(parent + "/cgroup.procs", String(getpid())) }
        report("removed", folders.allSatisfy { folder in eventually { rmdir(folder) == 0 || errno == ENOENT } })
    }
}

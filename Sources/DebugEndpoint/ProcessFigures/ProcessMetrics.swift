// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import Glibc
import ProcessSnapshot

/// The `process_*` metrics under their standard names. A figure that the system does not give is left out.
enum ProcessMetrics {
    static func read() -> [ExtraMetric] {
        var metrics: [ExtraMetric] = []
        func add(_ name: String, _ help: String, unit: String = "", isCounter: Bool = false, _ value: Double?) {
            guard let value else { return }
            metrics.append(ExtraMetric(name, help: help, unit: unit, isCounter: isCounter, value: value))
        }
        let stat = ProcessStat(ProcFile.read("/proc/self/stat"))
        let network = networkBytes(ProcFile.read("/proc/self/net/dev"))
        add(
            "process_cpu_seconds_total", "User and system CPU time of this process.", unit: "seconds", isCounter: true,
            cpuSeconds())
        add(
            "process_max_fds", "Limit of open file descriptors.", limit(Int32(RLIMIT_NOFILE.rawValue)))
        add(
            "process_network_receive_bytes_total", "Bytes received in the network namespace of this process.",
            unit: "bytes", isCounter: true, network?.received)
        add(
            "process_network_transmit_bytes_total", "Bytes sent in the network namespace of this process.",
            unit: "bytes", isCounter: true, network?.sent)
        // One of the entries is the descriptor that reads them.
        add(
            "process_open_fds", "Open file descriptors.",
            ProcFile.entryNames("/proc/self/fd").map { Double($0.count - 1) })
        add("process_resident_memory_bytes", "Resident memory.", unit: "bytes", stat?.residentBytes)
        add(
            "process_start_time_seconds", "Start of this process, since the epoch.", unit: "seconds",
            stat.flatMap { startSeconds($0) })
        add("process_virtual_memory_bytes", "Virtual memory.", unit: "bytes", stat?.virtualBytes)
        add(
            "process_virtual_memory_max_bytes", "Limit of virtual memory; infinite when there is none.", unit: "bytes",
            limit(Int32(RLIMIT_AS.rawValue)))
        return metrics
    }

    private static func cpuSeconds() -> Double? {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func limit(_ resource: Int32) -> Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(UInt32(resource)), &limit) == 0 else { return nil }
        return limit.rlim_cur == rlim_t.max ? .infinity : Double(limit.rlim_cur)
    }

    private static func startSeconds(_ stat: ProcessStat) -> Double? {
        guard let boot = ProcFile.read("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
            let bootSeconds = Double(boot.dropFirst("btime ".count))
        else { return nil }
        return bootSeconds + stat.startTicks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Sums over the interfaces but the loopback.
    private static func networkBytes(_ text: String?) -> (received: Double, sent: Double)? {
        guard let text else { return nil }
        var sum = (received: 0.0, sent: 0.0)
        for line in text.split(separator: "\n") {
            let sides = line.split(separator: ":")
            guard sides.count == 2, sides[0].drop(while: { $0 == " " }) != "lo" else { continue }
            let fields = sides[1].split(separator: " ").compactMap { Double($0) }
            guard fields.count >= 9 else { continue }
            sum.received += fields[0]
            sum.sent += fields[8]
        }
        return sum
    }
}

/// The fields of `/proc/self/stat` that are used here.
private struct ProcessStat {
    let startTicks: Double
    let virtualBytes: Double
    let residentBytes: Double

    init?(_ text: String?) {
        // The name in parentheses may hold spaces and parentheses; what follows the last one is numbers.
        guard let text, let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")  // the first is field 3
        guard fields.count > 21, let start = Double(fields[19]), let virtual = Double(fields[20]),
            let pages = Double(fields[21])
        else { return nil }
        startTicks = start
        virtualBytes = virtual
        residentBytes = pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}

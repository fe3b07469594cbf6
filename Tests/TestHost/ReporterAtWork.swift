// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointDogStatsD
import Glibc

/// A reporter as the environment asks for it, in a process whose standard input is closed and whose cooperative pool is stuck.
enum ReporterAtWork {
    @Sendable static func run() throws {
        var template = Array("/tmp/reporter-at-work-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return report("directory", "none") }
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let path = directory + "/dsd.socket"
        let agent = receiver(at: path)
        defer {
            unlink(path)
            rmdir(directory)
        }
        let others = Set(Proc.names(in: "/proc/self/task"))

        report("unset", try RuntimeMetricsReporter.startFromEnvironment() == nil ? "nil" : "a reporter")
        for (name, value) in [
            ("DD_RUNTIME_METRICS_ENABLED", "true"), ("DD_DOGSTATSD_URL", "unix://" + path), ("DD_ENV", "host"),
            ("DD_SERVICE", "shop"), ("DD_VERSION", "7"), ("DD_TAGS", "team:a,b:c"), ("DD_ENTITY_ID", "pod"),
            ("DD_EXTERNAL_ENV", "it-false"), ("DD_CARDINALITY", "low"),
        ] {
            setenv(name, value, 1)
        }

        let door = Door()
        let cores = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        for _ in 0..<(4 * cores) { Task.detached(priority: .high) { door.wait() } }
        report("pool_is_stuck", eventually { door.arrived >= cores })
        let descriptorsBefore = Proc.descriptorCount
        close(STDIN_FILENO)

        let registry = VariableRegistry()
        let jobs = registry.counter("jobs_total")
        var configuration = RuntimeMetricsReporter.Configuration(registry: registry, sendsRegistry: true)
        configuration.interval = .milliseconds(200)
        var reporter = try RuntimeMetricsReporter.startFromEnvironment(configuration)
        guard reporter != nil else {
            return report("started", "nil")
        }
        var text = ""
        func receive() {
            var part = [UInt8](repeating: 0, count: 65536)
            while case let count = recv(agent, &part, part.count, Int32(MSG_DONTWAIT)), count > 0 {
                text += String(decoding: part[..<count], as: UTF8.self)
            }
        }
        eventually {
            receive()
            return text.contains("\njobs_total:0|c") && text.contains(".enabled:1|g")
        }
        let tags = "|#env:host,service:shop,version:7,team:a,b:c,dd.internal.entity_id:pod"
        let lines = text.split(separator: "\n")
        report("lines", lines.count)
        report(
            "lines_with_all_tags",
            lines.count { $0.contains(tags) && $0.contains("|e:it-false") && $0.hasSuffix("|card:low") })
        report("standard_input_is_taken", fcntl(STDIN_FILENO, F_GETFD) >= 0)

        let thread = Proc.names(in: "/proc/self/task").first { id in
            !others.contains(id) && Proc.read("/proc/self/task/\(id)/comm") == RuntimeMetricsReporter.threadName + "\n"
        }
        report("thread", thread == nil ? "none" : "one")
        let blocked = Proc.status("SigBlk", of: "/proc/self/task/\(thread ?? "0")", radix: 16)
        for (name, signal) in [
            ("USR1", SIGUSR1), ("ALRM", SIGALRM), ("TERM", SIGTERM), ("PROF", SIGPROF), ("SEGV", SIGSEGV),
        ] {
            report("blocks_\(name)", blocked & 1 << UInt64(signal - 1) != 0)
        }

        jobs.increment(by: 5)
        reporter?.stop()
        receive()
        report("last_values_came", text.contains("\njobs_total:5|c"))
        report(
            "thread_has_ended", eventually { thread.map { !Proc.names(in: "/proc/self/task").contains($0) } ?? false })
        reporter = nil
        // Standard input was closed by this scenario.
        let isAsBefore = eventually { Proc.descriptorCount == descriptorsBefore - 1 }
        report("descriptors_are_as_before", isAsBefore)
        door.open()
    }

    /// A datagram socket that nobody reads until asked.
    private static func receiver(at path: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return descriptor
    }
}

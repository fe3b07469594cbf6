// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import Dispatch
import Glibc
import Synchronization

private let reports = Mutex<[LeakReport]>([])
private let isDone = Atomic(false)

/// Scans that several ask for at once, and scans that nobody asks for.
enum Shared {
    /// Sixteen ask at once; then one asks while another scans all the time.
    static func run() throws {
        let all = DispatchGroup()
        for number in 1...16 {
            all.enter()
            startThread("asker-\(number)") {
                if let report = try? LeakDetector.scan() { reports.withLock { $0.append(report) } }
                all.leave()
            }
        }
        all.wait()
        print("answers", reports.withLock { $0.count })
        print("scans", Set(reports.withLock { $0.map(\.scans) }).count)

        startThread("scanner") {
            while !isDone.load(ordering: .relaxed) { _ = try? LeakDetector.scan() }
        }
        var missed = 0
        for round in 1...8 {
            startStuck("leak-\(round)")
            waitUntilBlocked("leak-\(round)")
            let report = try LeakDetector.scan()
            if !report.leaks.contains(where: { $0.name == "leak-\(round)" }) { missed += 1 }
        }
        isDone.store(true, ordering: .relaxed)
        print("stuck_before_asking_and_missed", missed)
        exit(0)
    }

    /// A scan every second, with a leak that comes between two of them.
    static func watch() throws {
        let seen = Mutex<[(all: [String], new: [String])]>([])
        startStuck("leak-first")
        waitUntilBlocked("leak-first")
        var configuration = DebugServer.Configuration(address: .loopback(port: 0))
        let lines = Mutex<[String]>([])
        configuration.log = { line in lines.withLock { $0.append(line) } }
        configuration.leakScans = keeping { report, new in
            seen.withLock { $0.append((report.leaks.compactMap(\.name), new.compactMap(\.name))) }
        }
        let server = try DebugServer.start(configuration)
        waitUntil { seen.withLock { $0.count } >= 1 }
        startStuck("leak-second")
        waitUntil { seen.withLock { $0.contains { $0.new.contains("leak-second") } } }
        let count = seen.withLock { $0.count }
        waitUntil { seen.withLock { $0.count } > count }
        server.stop()
        // One that was being made may still come.
        usleep(1_500_000)
        let stopped = seen.withLock { $0.count }
        usleep(2_500_000)
        print("first_new", seen.withLock { $0[0].new })
        print("reports_with_second_as_new", seen.withLock { $0.count { $0.new.contains("leak-second") } })
        print("last_new", seen.withLock { $0.last?.new ?? [] })
        print("accused", Set(seen.withLock { $0.flatMap(\.all) }).subtracting(["leak-first", "leak-second"]).sorted())
        print("log_lines", lines.withLock { $0.count { $0.contains("will never wake") } })
        print("after_stop", seen.withLock { $0.count } - stopped)
        exit(0)
    }

    /// Only the callback has what a thread waits for.
    @inline(never)
    private static func keeping(
        _ body: @escaping @Sendable (LeakReport, [Leak]) -> Void
    ) -> DebugServer.LeakScans {
        let semaphore = DispatchSemaphore(value: 0)
        startThread("keep-callback") { semaphore.wait() }
        return DebugServer.LeakScans(every: .seconds(1)) { report, new in
            body(report, new)
            if report.scans > 1_000_000 { semaphore.signal() }
        }
    }

    @inline(never)
    private static func startStuck(_ name: String) {
        startThread(name) { DispatchSemaphore(value: 0).wait() }
    }

    private static func waitUntilBlocked(_ name: String) {
        waitUntil { threadIsInFutexWait(name) }
    }

    private static func waitUntil(_ condition: () -> Bool) {
        let deadline = ContinuousClock.now + .seconds(60)
        while !condition(), ContinuousClock.now < deadline { usleep(5000) }
    }
}

/// Whether the thread of that name sleeps in futex(2).
private func threadIsInFutexWait(_ name: String) -> Bool {
    guard let directory = opendir("/proc/self/task") else { return false }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
        let id = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard id != ".", id != "..", text("/proc/self/task/\(id)/comm") == name + "\n" else { continue }
        return text("/proc/self/task/\(id)/syscall").hasPrefix("202 ")
    }
    return false
}

private func text(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import ProcessSnapshot

/// What a `thread` line says. Source: `stat` and `schedstat` in `/proc/self/task/ID`.
struct ThreadTrace {
    let id: UInt64
    /// As in ps(1): R, S, D, T.
    let state: UInt8
    let name: String
    /// Since the thread began. Nil where the kernel does not count.
    let cpuMilliseconds: Double?
    let runQueueMilliseconds: Double?

    /// Every thread, in order of id.
    static func all() -> [ThreadTrace] {
        (ProcFile.entryNames("/proc/self/task") ?? []).compactMap { UInt64($0) }.sorted().compactMap(ThreadTrace.init)
    }

    /// Nil when the thread has ended.
    init?(_ id: UInt64) {
        let folder = "/proc/self/task/\(id)/"
        guard let text = ProcFile.read(folder + "stat"), let start = text.firstIndex(of: "("),
            let end = text.lastIndex(of: ")"), start < end,
            let state = text[text.index(after: end)...].utf8.dropFirst().first
        else { return nil }
        self.id = id
        self.state = state
        name = String(text[text.index(after: start)..<end])
        let times = ProcFile.read(folder + "schedstat")?.split(separator: " ").prefix(2).compactMap { Double($0) } ?? []
        cpuMilliseconds = times.first.map { $0 / 1e6 }
        runQueueMilliseconds = times.count == 2 ? times[1] / 1e6 : nil
    }

    func line(at seconds: Double) -> [UInt8] {
        var line = TraceLine("thread", at: seconds)
        line.add("id", id)
        line.add("state", letter: state)
        line.add("cpu_ms", cpuMilliseconds)
        line.add("run_queue_wait_ms", runQueueMilliseconds)
        line.add("name", quoted: name)
        return line.finish()
    }
}

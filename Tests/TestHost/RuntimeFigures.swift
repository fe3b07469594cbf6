// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import Glibc
import Synchronization

/// Runtime metrics beside a truth that this process makes itself: threads, switches, bytes, descriptors. No server runs.
enum RuntimeFigures {
    @Sendable static func run() throws {
        let before = Reading()
        let door = Door()
        // Six that wait, two that compute.
        for _ in 0..<6 { startThread { door.wait() } }
        let flag = Flag()
        for _ in 0..<2 { startThread { while !flag.isRaised {} } }
        eventually { door.arrived == 6 && Reading().count("/sched/threads/waiting:threads") == 6 }
        let threads = Reading()
        report("threads_added", threads["/sched/threads/total:threads"] - before["/sched/threads/total:threads"])
        report("waiting_added", threads["/sched/threads/waiting:threads"] - before["/sched/threads/waiting:threads"])
        report("running", threads["/sched/threads/running:threads"])
        report("threads_by_state", threads.sum(of: ["running", "waiting", "uninterruptible", "stopped"]))
        report("threads", threads["/sched/threads/total:threads"])
        report("process_threads_of_proc", Proc.status("Threads"))
        flag.raise()
        door.open()
        eventually { Reading().count("/sched/threads/total:threads") == before.count("/sched/threads/total:threads") }
        report("threads_left", Reading()["/sched/threads/total:threads"] - before["/sched/threads/total:threads"])

        switches()
        descriptors()
        bytesWritten()
        processorTime()
        report("uptime_error", abs(Reading()["/process/uptime:seconds"] - uptime()))
        report("processors", Reading()["/cpu/limit:processors"])
        report("start_error", abs(Reading()["/process/start-time:seconds"] - (wallClock() - uptime())))
    }

    /// A thread that waits 500 times gives up its processor as often.
    private static func switches() {
        let before = Reading()
        for _ in 0..<500 { usleep(100) }
        let after = Reading()
        report("switches", after.growth("/sched/switches/voluntary:switches", since: before))
        // Two threads on one processor must wait for each other.
        let one = Atomic(0)
        let flag = Flag()
        for _ in 0..<4 {
            startThread {
                one.wrappingAdd(1, ordering: .relaxed)
                while !flag.isRaised {}
            }
        }
        eventually(within: .seconds(5)) {
            Reading().growth("/sched/run-queue-wait:seconds", since: after) > 0.05
        }
        let waited = Reading().growth("/sched/run-queue-wait:seconds", since: after)
        flag.raise()
        report("run_queue_wait", waited)
        eventually { Proc.threadCount == 1 }
        // Threads that have ended are not forgotten.
        report("run_queue_wait_afterwards", Reading().growth("/sched/run-queue-wait:seconds", since: after) - waited)
    }

    private static func descriptors() {
        let before = Reading()
        let pipes = (0..<20).map { _ in openPipe() }
        report("descriptors_added", Reading()["/files/open:descriptors"] - before["/files/open:descriptors"])
        report("descriptors_error", Reading()["/files/open:descriptors"] - Double(Proc.descriptorCount))
        for ends in pipes {
            close(ends.reading)
            close(ends.writing)
        }
        report("descriptors_left", Reading()["/files/open:descriptors"] - before["/files/open:descriptors"])
    }

    private static func bytesWritten() {
        let before = Reading()
        let sink = open("/dev/null", O_WRONLY | O_CLOEXEC)
        let bytes = [UInt8](repeating: 1, count: 1 << 20)
        for _ in 0..<10 { _ = write(sink, bytes, bytes.count) }
        close(sink)
        let after = Reading()
        report("bytes_written", after.growth("/io/written:bytes", since: before))
        report("write_calls", after.growth("/io/writes:calls", since: before))
    }

    private static func processorTime() {
        let before = Reading()
        var time = timespec()
        var end = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        repeat { clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end) } while end.seconds - time.seconds < 0.3
        report("cpu_seconds", Reading().growth("/cpu/total:cpu-seconds", since: before))
    }

    private static func uptime() -> Double {
        let fields = Proc.read("/proc/self/stat").split(separator: ")").last?.split(separator: " ") ?? []
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        return now.seconds - (fields.count > 19 ? Double(fields[19]) ?? 0 : 0) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func wallClock() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now.seconds
    }

    /// One reading of every metric, by name. What is absent counts as -1, so that it is never taken for 0.
    struct Reading {
        private let values: [String: RuntimeMetrics.Value]

        init() {
            let samples = RuntimeMetrics.read(RuntimeMetrics.all.map(\.name))
            values = Dictionary(samples.map { ($0.name, $0.value) }) { first, _ in first }
        }

        subscript(name: String) -> Double { values[name]?.number ?? -1 }

        func count(_ name: String) -> UInt64? {
            if case .uint64(let count)? = values[name] { count } else { nil }
        }

        func growth(_ name: String, since before: Reading) -> Double { self[name] - before[name] }

        func sum(of states: [String]) -> Double {
            states.reduce(0) { $0 + self["/sched/threads/\($1):threads"] }
        }
    }
}

/// Seen by threads that do nothing but look at it.
final class Flag: Sendable {
    private let raised = Atomic(false)

    var isRaised: Bool { raised.load(ordering: .relaxed) }
    func raise() { raised.store(true, ordering: .relaxed) }
}

extension timespec {
    fileprivate var seconds: Double { Double(tv_sec) + Double(tv_nsec) / 1e9 }
}

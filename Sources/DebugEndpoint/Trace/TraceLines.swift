// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import HeapProfile
import MicroHTTP
import RuntimeMetrics
import Synchronization

/// Prints what `DEBUG_ENDPOINT_TRACE` asks for to standard error, from a thread of its own, until the process ends.
enum TraceLines {
    private static let hasBegun = Atomic(false)

    /// Looks at the environment once in the life of the process. `log` gets a sentence for what cannot be understood.
    static func beginOnce(_ log: (String) -> Void) {
        guard let text = getenv(TraceSettings.variable).map({ String(cString: $0) }), !text.isEmpty,
            !hasBegun.exchange(true, ordering: .relaxed)
        else { return }
        let (settings, problem) = TraceSettings.parse(text)
        if let problem { log(problem) }
        if settings.leaks {
            LeakScanHistory.shared.observe { scan in
                let uptime = RuntimeMetrics.read(["/process/uptime:seconds"]).first?.value.number
                TraceLine.leak(scan, at: uptime ?? 0).writeToStandardError()
            }
        }
        guard settings.needsThread else { return }
        let isRunning = ServiceThread.start("debug-trace") {
            AllocationSampling.markThreadAsOwn()
            run(settings)
        }
        if !isRunning { log("the system gave no thread for the lines that \(TraceSettings.variable) asks for") }
    }

    private static func run(_ settings: TraceSettings) -> Never {
        var memory = TraceFigures(.memory)
        var sched = TraceFigures(.sched)
        let start = ContinuousClock.now
        // A line at once, so that the next has something to compare with.
        var nextMemory = settings.memorySeconds > 0 ? start : nil
        var nextSched = settings.schedMilliseconds > 0 ? start : nil
        while true {
            let now = ContinuousClock.now
            if let due = nextMemory, due <= now {
                memory.read()
                TraceLine.memory(memory).writeToStandardError()
                nextMemory = next(due, .seconds(Int64(settings.memorySeconds)), now)
            }
            if let due = nextSched, due <= now {
                sched.read()
                TraceLine.sched(sched).writeToStandardError()
                if settings.schedDetail {
                    for thread in ThreadTrace.all() { thread.line(at: sched.uptime).writeToStandardError() }
                }
                nextSched = next(due, .milliseconds(Int64(settings.schedMilliseconds)), now)
            }
            let due = [nextMemory, nextSched].compactMap(\.self).min() ?? now + .seconds(3600)
            let rest = due - ContinuousClock.now
            if rest > .zero { usleep(UInt32(clamping: Int(rest / .microseconds(1)) + 1)) }
        }
    }

    /// The next time in step with the ones before; those that were missed are left out.
    static func next(
        _ due: ContinuousClock.Instant, _ interval: Duration, _ now: ContinuousClock.Instant
    ) -> ContinuousClock.Instant {
        let next = due + interval
        return next > now ? next : now + interval
    }
}

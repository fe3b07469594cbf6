// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Each thread has a timer over its own CPU time: only who runs is interrupted, sleepers are never woken. Threads that start
// later are found every 50 ms; what they ran before is not seen.
import CStackCapture
import Glibc
import Synchronization

/// One run of the CPU profiler. One at a time in a process.
package struct CPUSampling: Sendable {
    /// Samples a second of CPU time of each thread.
    package let hertz: Int
    package let duration: Duration

    package struct Result: Sendable {
        /// How long it ran.
        package var duration: Duration
        /// Timer periods whose sample found no room.
        package var dropped: UInt64
        /// Threads by id that ran meanwhile, with the name they had last.
        package var threadNames: [Int32: String]
        /// Threads that could have no timer.
        package var withoutTimer: Int
    }

    private static let isRunning = Atomic(false)
    private static let interval: UInt32 = 50_000  // µs; the ring holds what 64 processors sample at 1000 Hz meanwhile

    package init(hertz: Int, duration: Duration) {
        self.hertz = hertz
        self.duration = duration
    }

    /// Samples until `duration` is over or `isCancelled`, which is asked every 50 ms. Blocks the calling thread, which also
    /// runs `take`, every 50 ms. Refuses while another run goes on, and when not one thread can have a timer.
    package func run(
        _ configuration: StackCapture.Configuration, isCancelled: () -> Bool, take: (CapturedStack) -> Void
    ) throws(SnapshotRefusal) -> Result {
        guard Self.isRunning.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
        else {
            throw SnapshotRefusal(
                "a CPU profile is already being taken in this process: retry when it has ended", isTemporary: true)
        }
        defer { Self.isRunning.store(false, ordering: .releasing) }
        let capture = StackCapture.shared
        try capture.begin(configuration)
        defer { capture.end() }
        let failure = capture.locked { stackcap_begin_samples() }
        guard failure == 0 else {
            throw SnapshotRefusal("the CPU profiler's buffer cannot be mapped: \(String(cString: strerror(-failure)))")
        }

        let clock = ContinuousClock()
        let start = clock.now
        let period = UInt64(1_000_000_000 / max(1, hertz))
        var timers: [Int32: Int32] = [:]
        var result = Result(duration: .zero, dropped: 0, threadNames: [:], withoutTimer: 0)
        var refused: Set<Int32> = []
        var lastError: Int32 = 0
        let buffer = UnsafeMutablePointer<stackcap_stack>.allocate(capacity: 1)
        defer { buffer.deallocate() }
        func drain() {
            while capture.locked({ stackcap_next_sample(buffer) }) == 1 { take(CapturedStack(buffer.pointee)) }
        }

        while true {
            let ids = ThreadRecord.ids() ?? []
            for id in ids where timers[id] == nil && !refused.contains(id) {
                // A random first expiry: threads that started together must not be sampled in step.
                let timer = capture.arm(id) { stackcap_start_timer(id, period, .random(in: 1...period)) }
                if timer >= 0 {
                    timers[id] = timer
                } else if timer != -ESRCH {
                    refused.insert(id)
                    lastError = -timer
                }
                result.threadNames[id] = ProcFile.read("/proc/self/task/\(id)/comm").map { String($0.dropLast()) }
            }
            if timers.isEmpty, !refused.isEmpty {
                capture.locked { stackcap_end_samples() }
                throw SnapshotRefusal(
                    "a CPU profile needs a timer for each thread, but \(StackCapture.whyNoTimer(lastError))")
            }
            let living = Set(ids)
            for (id, timer) in timers where !living.contains(id) {
                capture.locked { stackcap_stop_timer(timer) }
                timers[id] = nil
            }
            drain()
            if clock.now - start >= duration || isCancelled() { break }
            usleep(Self.interval)
        }
        for timer in timers.values { capture.locked { stackcap_stop_timer(timer) } }
        drain()
        result.dropped = capture.locked {
            stackcap_end_samples()
            return stackcap_dropped_samples()
        }
        result.duration = clock.now - start
        result.withoutTimer = refused.count
        return result
    }
}

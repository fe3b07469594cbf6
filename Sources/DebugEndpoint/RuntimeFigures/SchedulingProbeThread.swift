// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import HeapProfile
import MicroHTTP
import RuntimeMetrics
import Synchronization

/// Sends the probe's jobs once a second while some server wants it. Ends within a second after the last has stopped.
enum SchedulingProbeThread {
    private struct State {
        var users = 0
        var isRunning = false
    }
    private static let state = Mutex(State())

    /// What a server holds that wants the probe.
    final class Use: Sendable {
        private let isOver = Atomic(false)

        /// May be called again.
        func end() {
            if !isOver.exchange(true, ordering: .relaxed) { SchedulingProbeThread.state.withLock { $0.users -= 1 } }
        }
    }

    /// Nil when the system has no thread to give.
    static func begin() -> Use? {
        let needsThread = state.withLock { state in
            state.users += 1
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if needsThread, !ServiceThread.start("debug-probe", run) {
            state.withLock { $0 = State(users: $0.users - 1) }
            return nil
        }
        return Use()
    }

    @Sendable private static func run() {
        // What the jobs allocate is the endpoint's.
        AllocationSampling.markThreadAsOwn()
        while true {
            let isWanted = state.withLock { state in
                state.isRunning = state.users > 0
                return state.isRunning
            }
            guard isWanted else { return }
            SchedulingProbe.shared.sendJobs()
            usleep(1_000_000)
        }
    }
}

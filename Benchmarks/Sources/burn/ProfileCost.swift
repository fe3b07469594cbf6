// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Windows with and without a profile take turns in one process, so that what else the machine does meets both.
import DebugEndpoint
import DebugEndpointClient
import Glibc
import Synchronization

/// What a CPU profile costs a process whose two threads are always busy.
struct ProfileCost {
    /// One of the busy threads.
    private final class Worker: Sendable {
        let requests = Atomic(0)
        let clock = Atomic<Int32>(0)
    }

    /// What the process had done at one moment.
    private struct Reading {
        let time = seconds(of: CLOCK_MONOTONIC)
        let process = seconds(of: CLOCK_PROCESS_CPUTIME_ID)
        let workers: Double
        let requests: Int

        init(_ threads: [Worker]) {
            workers = threads.reduce(0) { $0 + seconds(of: $1.clock.load(ordering: .relaxed)) }
            requests = threads.reduce(0) { $0 + $1.requests.load(ordering: .relaxed) }
        }
    }

    /// What happened between two of them.
    private struct Window {
        let perSecond: Double
        let perWorkerSecond: Double
        /// Processor time of all other threads, as a part of the whole.
        let others: Double
        let duration: Double

        init(_ start: Reading, _ end: Reading) {
            duration = end.time - start.time
            let requests = Double(end.requests - start.requests)
            let workers = end.workers - start.workers
            perSecond = requests / duration
            perWorkerSecond = requests / workers
            others = 1 - workers / (end.process - start.process)
        }
    }

    private let workers = [Worker(), Worker()]
    private let client: DebugClient
    private let path: String

    init(_ server: DebugServer, hertz: Int, seconds: Int) {
        client = DebugClient(server)
        path = "/debug/pprof/profile?seconds=\(seconds)&hz=\(hertz)"
    }

    /// For each pair of windows: the throughput lost, in percent, by the clock on the wall (`lost_wall`), and by processor
    /// time (`lost_cpu`): what the busy threads do less in a second of their own, and what other threads take. The second
    /// does not change with what else the machine does, but for what it does to the caches.
    func measure(pairs: Int) throws {
        for (index, worker) in workers.enumerated() {
            startThread {
                var clock = clockid_t()
                guard pthread_getcpuclockid(pthread_self(), &clock) == 0 else { fatalError("no clock") }
                worker.clock.store(clock, ordering: .relaxed)
                var work = Work(seed: UInt64(index + 1))
                while work.serveRequest() >= 0 { worker.requests.wrappingAdd(1, ordering: .relaxed) }
            }
        }
        while workers.contains(where: { $0.requests.load(ordering: .relaxed) == 0 }) { usleep(1000) }
        var duration = try windowWithProfile().duration  // the first looks up every name
        for pair in 0..<pairs {
            let profiled: Window
            let quiet: Window
            if pair % 2 == 0 {
                quiet = windowWithout(duration)
                profiled = try windowWithProfile()
            } else {
                profiled = try windowWithProfile()
                quiet = windowWithout(duration)
            }
            duration = profiled.duration
            print("lost_wall", 100 * (1 - profiled.perSecond / quiet.perSecond))
            let slower = 1 - profiled.perWorkerSecond / quiet.perWorkerSecond
            print("lost_cpu", 100 * (slower + profiled.others - quiet.others))
            print("others_cpu", 100 * profiled.others)
            print("requests", quiet.perSecond)
        }
    }

    private func windowWithProfile() throws -> Window {
        let start = Reading(workers)
        let answer = try client.get(path)
        let end = Reading(workers)
        guard answer.status == 200, answer.body.count > 500 else { fatalError("\(path): \(answer.text)") }
        return Window(start, end)
    }

    private func windowWithout(_ duration: Double) -> Window {
        let start = Reading(workers)
        usleep(UInt32(duration * 1e6))
        return Window(start, Reading(workers))
    }
}

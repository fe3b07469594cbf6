// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The one place where the endpoint uses what it watches: a tiny job in each queue says how long jobs wait there. Nothing ever waits
// for such a job; while one has not run, none follows it.
import Glibc
import Synchronization

/// How long jobs wait until they run: one job at a time in each queue, sent by `sendJobs`.
package final class SchedulingProbe: Sendable {
    package enum Queue: String, Sendable, CaseIterable {
        /// Swift's cooperative pool.
        case pool
        /// The main actor's, which is Dispatch's main queue.
        case mainQueue = "main-queue"
        /// Dispatch's, of default quality of service.
        case globalQueue = "global-queue"

        var words: String {
            switch self {
            case .pool: "Swift's cooperative pool"
            case .mainQueue: "the main queue"
            case .globalQueue: "Dispatch's global queue"
            }
        }
    }

    package static let shared = SchedulingProbe()

    /// 1, 2.5 and 5 of each power of ten from a microsecond to ten seconds.
    static let bounds: [Double] =
        (-6...0).flatMap { power in
            let unit = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1][power + 6]
            return [unit, 2.5 * unit, 5 * unit]
        } + [10]

    struct Track {
        var counts = [UInt64](repeating: 0, count: SchedulingProbe.bounds.count + 1)
        var sum = 0.0
        /// When the job that has not run yet was sent.
        var sent: ContinuousClock.Instant?
        /// Whether a job was ever sent.
        var isOn = false

        mutating func note(_ seconds: Double) {
            let place = SchedulingProbe.bounds.firstIndex { seconds <= $0 } ?? SchedulingProbe.bounds.count
            counts[place] += 1
            sum += seconds
        }
    }

    // Jobs hold one of these locks for some nanoseconds, as readers do.
    private let pool = Mutex(Track())
    private let mainQueue = Mutex(Track())
    private let globalQueue = Mutex(Track())

    package init() {}

    /// Sends one job to each queue whose last one has run. Any thread that may allocate.
    package func sendJobs() {
        for queue in Queue.allCases {
            let isFree = withTrack(queue) { track in
                guard track.sent == nil else { return false }
                track.sent = .now
                track.isOn = true
                return true
            }
            if isFree, !send(to: queue) {
                withTrack(queue) { track in
                    track.sent = nil
                    track.isOn = false
                }
            }
        }
    }

    /// What a job does.
    func noteJob(in queue: Queue) {
        let now = ContinuousClock.now
        withTrack(queue) { track in
            guard let sent = track.sent else { return }
            track.note((now - sent).inSeconds)
            track.sent = nil
        }
    }

    /// How long the job in each queue has waited so far; nil where none was ever sent.
    var pending: PendingJobs {
        PendingJobs(pool: age(.pool), mainQueue: age(.mainQueue), globalQueue: age(.globalQueue))
    }

    private func age(_ queue: Queue) -> Double? {
        withTrack(queue) { track in
            guard track.isOn else { return nil }
            return track.sent.map { max(0, (ContinuousClock.now - $0).inSeconds) } ?? 0
        }
    }

    /// Brings a value up to date, in its own storage where it has some. Absent where no job was ever sent.
    func read(_ queue: Queue, into value: inout RuntimeMetrics.Value) {
        withTrack(queue) { track in
            guard track.isOn else {
                value = .absent
                return
            }
            guard case .histogram(var histogram) = value, histogram.counts.count == track.counts.count else {
                value = .histogram(
                    RuntimeMetrics.Histogram(bounds: Self.bounds, counts: track.counts.map { $0 }, sum: track.sum))
                return
            }
            // Lets go of the other reference, so that the storage is this one's alone.
            value = .absent
            for index in track.counts.indices { histogram.counts[index] = track.counts[index] }
            histogram.sum = track.sum
            value = .histogram(histogram)
        }
    }

    private func withTrack<Result>(_ queue: Queue, _ body: (inout Track) -> Result) -> Result {
        switch queue {
        case .pool: pool.withLock { body(&$0) }
        case .mainQueue: mainQueue.withLock { body(&$0) }
        case .globalQueue: globalQueue.withLock { body(&$0) }
        }
    }
}

/// How long jobs that have not run yet have waited, in seconds.
struct PendingJobs {
    let pool: Double?
    let mainQueue: Double?
    let globalQueue: Double?
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

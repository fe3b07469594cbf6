// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import RuntimeMetrics

@Suite struct ProbeTests {
    @Test func boundsAscendAndAreFinite() {
        let bounds = SchedulingProbe.bounds
        #expect(bounds.count == 22)
        #expect(bounds == bounds.sorted())
        #expect(bounds.first == 1e-6 && bounds.last == 10)
    }

    @Test(arguments: [(0.0, 0), (1e-6, 0), (1.1e-6, 1), (0.001, 9), (0.0011, 10), (10, 21), (10.1, 22), (1e9, 22)])
    func aValueIsCountedAtTheFirstBoundThatIsNotLess(seconds: Double, place: Int) {
        var track = SchedulingProbe.Track()
        track.note(seconds)
        #expect(track.counts.firstIndex(of: 1) == place)
        #expect(track.sum == seconds)
    }

    @Test func aHistogramIsReadIntoItsOwnStorage() {
        let probe = SchedulingProbe()
        var value = RuntimeMetrics.Value.absent
        probe.read(.pool, into: &value)
        #expect(value == .absent, "before the first job")
        probe.sendJobs()
        probe.read(.pool, into: &value)
        func storage() -> UnsafeRawPointer? {
            guard case .histogram(let histogram) = value else { return nil }
            return histogram.counts.withUnsafeBytes { $0.baseAddress }
        }
        let first = storage()
        #expect(first != nil)
        probe.read(.pool, into: &value)
        #expect(storage() == first)
    }

    @Test func jobsRunAndAreCounted() async {
        let probe = SchedulingProbe()
        var value = RuntimeMetrics.Value.absent
        let deadline = ContinuousClock.now + .seconds(20)
        var counts: [UInt64] = []
        repeat {
            probe.sendJobs()
            await Task.yield()
            counts = SchedulingProbe.Queue.allCases.map { queue in
                probe.read(queue, into: &value)
                if case .histogram(let histogram) = value { return histogram.counts.reduce(0, +) }
                return 0
            }
        } while counts.contains(0) && ContinuousClock.now < deadline
        #expect(!counts.contains(0), "\(counts)")
    }
}

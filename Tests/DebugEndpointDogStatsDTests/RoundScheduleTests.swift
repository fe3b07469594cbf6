// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import DebugEndpointDogStatsD

@Suite struct RoundScheduleTests {
    private let start = ContinuousClock.now

    @Test func theFirstRoundIsDueAtOnceAndOthersKeepTheirDistanceFromIt() {
        var schedule = RoundSchedule(from: start, every: .seconds(10))
        #expect(schedule.isDue(at: start))
        schedule.advance(at: start + .seconds(3))
        #expect(!schedule.isDue(at: start + .milliseconds(9999)))
        #expect(schedule.next == start + .seconds(10))
        schedule.advance(at: start + .milliseconds(10_500))
        #expect(schedule.next == start + .seconds(20))
    }

    @Test(arguments: [(10, 20), (25, 30), (29, 30), (30, 40), (86_405, 86_410), (100_000_000, 100_000_010)])
    func roundsThatWereMissedAreLeftOut(late: Int, next: Int) {
        var schedule = RoundSchedule(from: start, every: .seconds(10))
        schedule.advance(at: start + .seconds(late))
        #expect(schedule.next == start + .seconds(next))
    }
}

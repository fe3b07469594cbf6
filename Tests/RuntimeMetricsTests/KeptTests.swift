// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization
import Testing

@testable import RuntimeMetrics

@Suite struct KeptTests {
    /// A clock that a test sets.
    private final class Clock {
        var now = ContinuousClock.now
        var readings = 0
        var cost = Duration.zero

        func read(_ kept: inout Kept<Int>) -> Int {
            kept.current(
                {
                    readings += 1
                    now += cost
                    return readings
                }, now: { now })
        }
    }

    @Test func aReadingIsKeptForAMultipleOfItsCost() {
        let clock = Clock()
        clock.cost = .milliseconds(10)
        var kept = Kept<Int>(factor: 100, least: .milliseconds(50))
        #expect(clock.read(&kept) == 1)
        clock.now += .milliseconds(999)
        #expect(clock.read(&kept) == 1)
        clock.now += .milliseconds(2)
        #expect(clock.read(&kept) == 2)
    }

    @Test func aReadingThatCostsNothingIsKeptForAMoment() {
        let clock = Clock()
        var kept = Kept<Int>(factor: 100, least: .milliseconds(50))
        #expect(clock.read(&kept) == 1)
        clock.now += .milliseconds(49)
        #expect(clock.read(&kept) == 1)
        clock.now += .milliseconds(2)
        #expect(clock.read(&kept) == 2)
    }

    @Test func whoComesWhileAnotherReadsGetsTheLastReading() {
        let door = Mutex(false)
        let count = Atomic(0)
        let reading = CostlyReading(factor: 0, least: .zero) { () -> Int in
            let number = count.wrappingAdd(1, ordering: .relaxed).newValue
            while number == 2, !door.withLock({ $0 }) {}
            return number
        }
        #expect(reading.current == 1)
        let slow = PlainThread { _ = reading.current }
        while count.load(ordering: .relaxed) < 2 {}
        #expect(reading.current == 1, "not stuck behind the one that is slow")
        door.withLock { $0 = true }
        slow.join()
        #expect(reading.current == 3)
    }
}

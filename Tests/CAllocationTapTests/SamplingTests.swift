// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@Suite(.serialized) struct SamplingTests {
    @Test func theTapAllocatesNothingItself() throws {
        let run = try AllocationRun("own")
        #expect(run.number("allocations") == 20_000)
        #expect(run.number("samples") == 20_000)
        #expect(run.number("dropped") == 0)
        #expect(run.number("control") == 1)
    }

    @Test func theSampleTellsWhatEachOfFivePlacesAllocated() throws {
        // 10 000 samples of the smallest, so 5 % are five deviations; the large blocks are each nearly certain to be sampled.
        let run = try AllocationRun("sites", ["12000", "10"])
        for size in [24, 200, 3000, 20_000, 100_000] {
            #expect(abs(run.number("bytes_\(size)") - 1) < 0.05)
            #expect(abs(run.number("objects_\(size)") - 1) < 0.05)
            #expect(run.number("samples_\(size)") > 1000)
            #expect(run.number("left_\(size)") == 0)
        }
    }

    @Test func threadsFollowAChangedRateAtOnce() throws {
        let run = try AllocationRun("rates")
        #expect(run.number("samples_1") == 0)
        // 100 000 blocks of 1000 bytes at 1 - e^-0.1.
        #expect(abs(run.number("samples_2") - 9516) < 500)
        #expect(run.number("samples_3") == 0)
    }

    @Test func aStackGoesOnWithTheAsyncCallers() throws {
        let run = try AllocationRun("async")
        #expect(run.number("async_index") >= 0)
        #expect(run.number("async_depth") >= 3)
        #expect(run.number("same_image") >= 3)
    }
}

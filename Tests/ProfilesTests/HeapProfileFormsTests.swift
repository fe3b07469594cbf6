// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Profiles
import Testing

struct HeapProfileFormsTests {
    @Test func aHeapProfileHasGosSampleTypesPeriodAndDefault() throws {
        let profile = Fixture.profile(
            [([Fixture.serve, Fixture.main], [40, 2560, 10, 640], [Label("bytes", 64, unit: "bytes")])],
            kind: .heap(rate: 524_288, defaultSampleType: "alloc_space"))
        let decoded = try DecodedProfile(profile.pprof())
        #expect(
            decoded.sampleTypes == [
                "alloc_objects/count", "alloc_space/bytes", "inuse_objects/count", "inuse_space/bytes",
            ])
        #expect(decoded.defaultSampleType == "alloc_space")
        #expect(decoded.periodType == "space/bytes")
        #expect(decoded.period == 524_288)
        #expect(decoded.samples.map(\.values) == [[40, 2560, 10, 640]])
        #expect(decoded.samples.map(\.labels) == [["bytes=64 bytes"]])
    }

    @Test func theTextReadsLikeGosWithTheScaledValuesBelow() {
        let profile = Fixture.profile(
            [
                (
                    [Fixture.unnamed, Fixture.main], [8193, 524_320, 0, 0, 1, 64, 0, 0],
                    [Label("bytes", 64, unit: "bytes")]
                ),
                (
                    [Fixture.serve, Fixture.main], [4, 4_000_000, 2, 2_000_000, 3, 3_000_000, 2, 2_000_000],
                    [Label("bytes", 917_504, unit: "bytes"), Label("own", "debug-endpoint")]
                ),
                ([], [1, 600_000, 1, 600_000, 1, 600_000, 1, 600_000], []),
            ], kind: .sampledHeap(rate: 524_288))
        #expect(
            text(profile.heapText(figures: [("Mallocs", "12"), ("Frees", "3")])) == """
                heap profile: 3: 2600000 [5: 3600064] @ heap/1048576
                2: 2000000 [3: 3000000] @ 0x4121 0x4011
                # stands for 2: 2000000 [4: 4000000], own debug-endpoint
                #\t0x4120\tparse(_:)+0x20\t/src/Parser.swift:40
                #\t0x4120\tserve()+0x20\t/src/Server.swift:12
                #\t0x4010\tmain+0x10\t/src/main.swift:3

                1: 600000 [1: 600000] @ 0x0
                # stands for 1: 600000 [1: 600000]

                0: 0 [1: 64] @ 0x7041 0x4011
                # stands for 0: 0 [8193: 524320]
                #\t0x7040\t?\t/usr/lib/libc.so.6
                #\t0x4010\tmain+0x10\t/src/main.swift:3


                # runtime.MemStats
                # Mallocs = 12
                # Frees = 3

                """)
    }

    @Test func aTextWithoutSamplesIsItsHeadAndItsFigures() {
        #expect(
            text(Fixture.profile([], kind: .sampledHeap(rate: 1)).heapText())
                == "heap profile: 0: 0 [0: 0] @ heap/2\n\n# runtime.MemStats\n")
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Profiles
import Testing

@testable import HeapProfile

struct AllocationSnapshotTests {
    private static let runtime: UInt = 0x10
    private static let make: UInt = 0x20
    private static let main: UInt = 0x30

    private static func figures(_ objects: UInt64, of size: UInt64, samples: UInt64) -> AllocationFigures {
        AllocationFigures(samples: samples, objects4096: objects * 4096, bytes: objects * size)
    }

    private static func site(
        _ stack: [UInt], size: UInt64, allocated: UInt64, inUse: UInt64, isOwn: Bool = false
    ) -> AllocationSite {
        AllocationSite(
            stack: stack, sizeClass: size, isOwn: isOwn,
            allocated: figures(allocated, of: size, samples: (allocated + 9) / 10),
            inUse: figures(inUse, of: size, samples: (inUse + 9) / 10))
    }

    private static let snapshot = AllocationSnapshot(
        sites: [
            site([make, main], size: 64, allocated: 1000, inUse: 100),
            site([make, main], size: 128, allocated: 50, inUse: 50),
            // The same stack and size again: two threads came with it at once.
            site([runtime, make, main], size: 64, allocated: 10, inUse: 10),
            site([make, main], size: 64, allocated: 70, inUse: 70, isOwn: true),
            site([runtime, runtime], size: 16, allocated: 20, inUse: 0),
            site([], size: 0, allocated: 0, inUse: 0),
        ], rate: 1024)

    private static func rows(_ snapshot: AllocationSnapshot, includesOwn: Bool = false) -> [[Int64]: [String]] {
        let table = snapshot.table(
            .heap(rate: 1024, defaultSampleType: "inuse_space"), includesOwn: includesOwn
        ) { $0 == runtime }
        let profile = table.profile(mappings: MappingTable([])) { $0.map { Location(address: $0) } }
        return Dictionary(
            uniqueKeysWithValues: profile.samples.map { sample in
                (
                    sample.values,
                    sample.stack.map { String(profile.locations[$0].address, radix: 16) }
                        + sample.labels.map { label in
                            switch label.value {
                            case .text(let text): "\(label.key)=\(text)"
                            case .number(let number, let unit): "\(label.key)=\(number) \(unit)"
                            }
                        }
                )
            })
    }

    @Test func sitesAreSummedUpByStackAndSizeWithoutTheRuntimesFrames() {
        #expect(
            Self.rows(Self.snapshot) == [
                [1010, 64_640, 110, 7040]: ["20", "30", "bytes=64 bytes"],
                [50, 6400, 50, 6400]: ["20", "30", "bytes=128 bytes"],
                [20, 320, 0, 0]: ["10", "10", "bytes=16 bytes"],
            ])
    }

    @Test func theEndpointsOwnIsThereOnDemandWithALabel() {
        let rows = Self.rows(Self.snapshot, includesOwn: true)
        #expect(rows.count == 4)
        #expect(rows[[70, 4480, 70, 4480]] == ["20", "30", "bytes=64 bytes", "own=debug-endpoint"])
    }

    @Test func aDifferenceSubtractsWhatWasAllocatedAndNotWhatIsInUse() {
        let mark = AllocationMark(allocated: [
            Self.figures(900, of: 64, samples: 90), Self.figures(50, of: 128, samples: 5),
        ])
        let sites = Self.snapshot.since(mark).sites
        #expect(sites[0].allocated == Self.figures(100, of: 64, samples: 10))
        #expect(sites[0].inUse == Self.figures(100, of: 64, samples: 10))
        #expect(sites[1].allocated == AllocationFigures())
        #expect(sites[1].inUse == Self.figures(50, of: 128, samples: 5))
        #expect(sites[2...] == Self.snapshot.sites[2...], "sites that came up since the mark are what they are")
    }

    @Test func aSiteWithoutAnythingIsLeftOutOfADifference() {
        let mark = AllocationMark(allocated: Self.snapshot.sites.map(\.allocated))
        #expect(Self.rows(Self.snapshot)[[20, 320, 0, 0]] != nil)
        #expect(
            Self.rows(Self.snapshot.since(mark)).keys.sorted { $0[2] < $1[2] } == [
                [0, 0, 50, 6400], [0, 0, 110, 7040],
            ])
    }

    @Test func droppedSamplesAreSaid() {
        #expect(Self.snapshot.comments == [])
        #expect(
            AllocationSnapshot(sites: [], rate: 1, droppedSamples: 3).comments
                == ["3 samples found no room and are missing"])
    }

    @Test(arguments: [
        ("swift_slowAlloc", true), ("swift_allocObject", true), ("_ZN5swift9swift_foo", true), ("_Znwm", true),
        ("_ZL29swift_task_create_commonImplm", true), ("_ZL9makeThings", false),
        ("_ZnamRKSt9nothrow_t", true), ("$s4Shop4makeyyF", false), ("strdup", false), ("_dispatch_calloc", false),
        ("_ZN4Shop4makeEv", false), ("", false),
    ])
    func theRuntimeIsKnownByItsSymbols(symbol: String, isRuntime: Bool) {
        #expect(AllocationRuntime.has(symbol) == isRuntime)
    }
}

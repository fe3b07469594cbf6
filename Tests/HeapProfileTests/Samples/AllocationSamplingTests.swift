// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CAllocationTap
import HeapProfile
import Testing

@Suite(.enabled(if: TapRefusal.current == nil), .serialized)
struct AllocationSamplingTests {
    @Test func whatIsCountedAsOwnIsCountedAsBeforeAfterwards() {
        let before = alloctap_set_own(0)
        defer { _ = alloctap_set_own(before) }
        func isOwn() -> Bool {
            let own = alloctap_set_own(0)
            _ = alloctap_set_own(own)
            return own == 1
        }
        #expect(!isOwn())
        AllocationSampling.counting(asOwn: true) {
            #expect(isOwn())
            AllocationSampling.counting(asOwn: false) { #expect(!isOwn()) }
            #expect(isOwn())
        }
        #expect(!isOwn())
    }

    @Test func withARateOfOneEveryBlockIsASample() throws {
        let rate = AllocationSampling.rate
        let mark = try AllocationMark.take()
        AllocationSampling.setRate(1)
        let usedRate = AllocationSampling.rate
        let blocks = (0..<100).map { _ in UnsafeMutableRawPointer.allocate(byteCount: 77_777, alignment: 16) }
        AllocationSampling.setRate(rate)
        defer { for block in blocks { block.deallocate() } }
        #expect(usedRate == 1)
        let site = try AllocationSnapshot.take().since(mark).sites.first {
            $0.sizeClass == 73_728 && $0.allocated.samples == 100
        }
        #expect(site?.allocated == AllocationFigures(samples: 100, objects4096: 100 * 4096, bytes: 7_777_700))
        #expect(site?.inUse == site?.allocated)
    }

    @Test func aRateBeyondTheRangeIsBroughtIntoIt() {
        let before = AllocationSampling.rate
        defer { AllocationSampling.setRate(before) }
        AllocationSampling.setRate(.max)
        #expect(AllocationSampling.rate == 1 << 32)
    }
}

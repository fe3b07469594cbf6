// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import HeapProfile
import Testing

struct AllocationTotalsTests {
    @Test(.enabled(if: TapRefusal.current == nil))
    func whatIsAllocatedAndFreedIsCounted() throws {
        let before = try #require(AllocationTotals.read())
        let blocks = (0..<1000).map { _ in UnsafeMutableRawPointer.allocate(byteCount: 700, alignment: 16) }
        let during = try #require(AllocationTotals.read())
        for block in blocks { block.deallocate() }
        let after = try #require(AllocationTotals.read())
        #expect(during.mallocs - before.mallocs >= 1000)
        #expect(during.bytes - before.bytes >= 700_000)
        #expect(after.frees - during.frees >= 1000)
        #expect(after.frees <= after.mallocs)
    }

    @Test(.enabled(if: TapRefusal.current != nil))
    func whereNobodyCountsThereAreNoCounts() {
        #expect(AllocationTotals.read() == nil)
        #expect(AllocationSnapshot.siteCount == nil)
        #expect(AllocationSampling.rate == 0)
        #expect(throws: TapRefusal.self) { try AllocationSnapshot.take() }
    }
}

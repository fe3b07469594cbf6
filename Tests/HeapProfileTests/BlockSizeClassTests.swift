// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import HeapProfile
import Testing

@Suite struct BlockSizeClassTests {
    @Test func everySizeIsInTheClassThatBeginsAtOrBelowIt() {
        for size in Array(stride(from: UInt(8), to: 70_000, by: 8)) + [1 << 30, (1 << 46) + 8] {
            let index = BlockSizeClass.index(size)
            #expect(BlockSizeClass.smallest(index) <= size, "\(size)")
            #expect(BlockSizeClass.smallest(index + 1) > size, "\(size)")
        }
    }

    @Test func smallSizesHaveAClassEachAndLargeOnesAreWithinAnEighth() {
        for size in stride(from: UInt(24), to: 1032, by: 16) {
            #expect(BlockSizeClass.smallest(BlockSizeClass.index(size)) == size)
        }
        for size in stride(from: UInt(1032), to: 1 << 24, by: 10_007) {
            #expect(Double(BlockSizeClass.smallest(BlockSizeClass.index(size))) >= Double(size) / 1.13)
        }
    }

    @Test func noSizeIsOutsideTheClasses() {
        for size: UInt in [0, 1, 7, 1 << 47, .max] {
            #expect((0..<BlockSizeClass.count).contains(BlockSizeClass.index(size)))
        }
    }
}

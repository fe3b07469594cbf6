// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import HeapProfile

struct AllocationFiguresTests {
    @Test(arguments: [(0, 0), (2047, 0), (2048, 1), (4096, 1), (6143, 1), (6144, 2), (4096 * 8193 + 100, 8193)])
    func objectsAreRounded(objects4096: UInt64, objects: UInt64) {
        #expect(AllocationFigures(objects4096: objects4096).objects == objects)
    }

    @Test func theGreatestNumberOfObjectsIsRoundedWithoutOverflow() {
        #expect(AllocationFigures(objects4096: .max).objects == UInt64.max / 4096 + 1)
    }

    @Test func sampledBytesAreThoseOfAsManyBlocksOfTheAverageSize() {
        // Three samples that stand for 600 objects of 100 bytes.
        let figures = AllocationFigures(samples: 3, objects4096: 600 * 4096, bytes: 60_000)
        #expect(figures.sampledBytes == 300)
        #expect(AllocationFigures().sampledBytes == 0)
        #expect(AllocationFigures(samples: .max, objects4096: 1, bytes: .max).sampledBytes == .max)
    }

    @Test func aDifferenceIsNeverBelowZero() {
        let small = AllocationFigures(samples: 1, objects4096: 2, bytes: 3)
        let large = AllocationFigures(samples: 10, objects4096: 20, bytes: 30)
        #expect(small - large == AllocationFigures())
        #expect(large - small == AllocationFigures(samples: 9, objects4096: 18, bytes: 27))
    }
}

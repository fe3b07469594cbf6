// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import HeapProfile

@Suite struct BlockSizeTests {
    @Test func glibcsWordIsBelievedWithItsFlags() throws {
        let main = try #require(BlockSize(wordBefore: 0x71, distance: 0x70))
        #expect(main.usable == 0x68)
        #expect(!main.isMapped && !main.isOfThreadArena)
        #expect(try #require(BlockSize(wordBefore: 0x75, distance: 1000)).isOfThreadArena)
        let mapped = try #require(BlockSize(wordBefore: 0x2_1002, distance: .max))
        #expect(mapped.usable == 0x2_1000 - 16)
        #expect(mapped.isMapped)
    }

    /// What a block that was freed and used again may have there.
    @Test(
        arguments: [
            (0, .max), (1, .max), (7, .max), (0x11, .max), (0x19, .max), (0x71, 0x68), (0x71, 0), (0x71, 7),
            (.max, .max),
            (.max, 1 << 40), (0x4141_4141_4141_4141, 1 << 30),
        ] as [(UInt64, UInt)])
    func aWordThatDoesNotFitIsNotBelieved(word: UInt64, distance: UInt) {
        #expect(BlockSize(wordBefore: word, distance: distance) == nil)
    }
}

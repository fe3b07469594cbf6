// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import HeapProfile

/// Words that are metadata, and words that only look like it.
@Suite struct MetadataProofTests {
    /// 64 KiB at a fixed address, everything else unmapped.
    final class Image: @unchecked Sendable {  // Safe: written before the proof that reads it runs, by one thread.
        static let base: UInt = 0x10_0000
        static let size = 1 << 16
        private var bytes = [UInt8](repeating: 0, count: size)

        func set(_ offset: Int, _ words: UInt...) {
            for (index, word) in words.enumerated() {
                withUnsafeBytes(of: word) {
                    bytes.replaceSubrange(offset + index * 8..<offset + index * 8 + 8, with: $0)
                }
            }
        }

        func read(_ address: UInt, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
            guard address >= Self.base, address < Self.base + UInt(Self.size) else { return 0 }
            let start = Int(address - Self.base)
            let count = min(buffer.count, Self.size - start)
            buffer.copyBytes(from: bytes[start..<start + count])
            return count
        }
    }

    static let witnesses = Image.base + 0x20

    private func proof(_ image: Image) -> MetadataProof {
        MetadataProof(
            images: AddressRanges([Image.base..<Image.base + UInt(Image.size)]), words: WordReader(read: image.read),
            nativeWitnesses: Self.witnesses, mayBePool: { _ in false })
    }

    /// A class at offset 0x1000: destroy, witnesses, kind, superclass, 0, flags, sizes, class size and place, descriptor.
    private func makeClass(_ image: Image) {
        image.set(
            0x1000 - 16, Image.base + 0x40, Self.witnesses, 0, 0, 2, 7 << 32 | 40, 24 << 32 | 0x68,
            Image.base + 0x3000)
        image.set(0x3000, 16)
    }

    private static let metadata = Image.base + 0x1000

    @Test func aClassIsRecognisedWithItsSize() {
        let image = Image()
        makeClass(image)
        let verdict = proof(image).verdict(Self.metadata)
        #expect(verdict.kind == .class)
        #expect(verdict.instanceSize == 40)
    }

    @Test(
        arguments: [
            (-16, 0), (-16, 0x7000), (-8, 0), (-8, 0x10_0028), (0, 1), (0, 0x200), (0, 0x400), (8, 3),
            (24, 7 << 32 | 8),
            (24, 6 << 32 | 40), (24, 40), (24, 7 << 32 | 0xffff_ffff), (32, 0), (32, 25 << 32 | 0x68), (40, 0),
            (40, 0x10_3001), (40, 0x10_4000), (40, 0x7fff_0000),
        ] as [(Int, UInt)])
    func aClassWithOneWordThatDoesNotFitIsNone(offset: Int, word: UInt) {
        let image = Image()
        makeClass(image)
        #expect(proof(image).verdict(Self.metadata).kind == .class, "positive control")
        image.set(0x1000 + offset, word)
        #expect(proof(image).verdict(Self.metadata).kind == .none)
    }

    @Test(
        arguments: [
            0, 1, 8, 0xffff, 0x1003, Image.base, Image.base + 1, Image.base - 8, Image.base + 0xfff8,
            Image.base + 0x1_0000,
            1 << 47, 0x4141_4141_4141_4141, .max, .max - 7, 1 << 63,
        ] as [UInt])
    func hostileWordsAreNoMetadataAndNothingIsReadOutside(word: UInt) {
        let image = Image()
        makeClass(image)
        #expect(proof(image).verdict(word).kind == .none)
    }

    @Test func contextsAndBoxesAreRecognisedByTheirOwnWords() {
        let image = Image()
        image.set(0x1000 - 16, Image.base + 0x40, 0, 0x400, 16, Image.base + 0x3000)
        #expect(proof(image).verdict(Self.metadata).kind == .context)
        image.set(0x1000, 0x400, 8)  // captures do not begin in the header
        #expect(proof(image).verdict(Self.metadata).kind == .none)
        image.set(0x2000, 0x200)
        image.set(0x1000 - 16, Image.base + 0x40, 0, 0x500, 16, Image.base + 0x2000)
        #expect(proof(image).verdict(Self.metadata).kind == .genericBox)
        image.set(0x2000, 0x4141)  // the type in the box is none
        #expect(proof(image).verdict(Self.metadata).kind == .none)
    }

    @Test func countsOfLiveObjectsAreReferenceCountsAndOtherWordsAreNot() {
        for word: UInt in [3, 0x2_0000_0003, 0xffff_ffff, 5, 3 << 62 | 0x1234] {
            #expect(MetadataProof.isReferenceCounts(word), "\(word)")
        }
        for word: UInt in [0, 1, 2, 4, 1 << 63, 0x7f00_1234_5670, 1 << 32] {
            #expect(!MetadataProof.isReferenceCounts(word), "\(word)")
        }
    }
}

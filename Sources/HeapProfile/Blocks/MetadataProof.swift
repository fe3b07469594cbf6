// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Whether a word is a pointer to the metadata of Swift objects. First the address: metadata lies in the data of an image or in
// the runtime's pools. Then what lies there, read without faults. Source: swiftlang/swift, ABI/Metadata.h; without
// Objective-C, relative to the metadata: -16 destroys the object, -8 value witnesses, 0 kind; for classes 8 superclass,
// 24 instance size, 28 alignment mask, 36 where in the class the metadata points (24 on all compilers since 5.9, 16 before),
// 40 descriptor; for contexts 8 offset of the first capture, 16 descriptor of what is captured.

/// The proof, for one look at one process.
struct MetadataProof {
    /// Everything that is mapped from files, with the zeroed data behind it.
    let images: AddressRanges
    let words: WordReader
    /// The value witnesses that all native classes share.
    let nativeWitnesses: UInt
    /// Whether an address may lie in a block that is a pool of the runtime's.
    let mayBePool: (UInt) -> Bool

    struct Verdict {
        let kind: MetadataKind
        /// Of classes: no instance is smaller.
        var instanceSize: UInt32 = 16
        /// Whether instances may be larger, as elements can follow: no class but the standard library's and their subclasses
        /// asks for that.
        var hasTail = true
    }

    /// Cheap: false for what cannot be metadata, whatever lies there.
    @inline(__always)
    func isPossible(_ word: UInt) -> Bool {
        guard word & 7 == 0, word >= 1 << 16, word < 1 << 47 else { return false }
        return images.contains(word) || mayBePool(word)
    }

    func verdict(_ address: UInt) -> Verdict {
        let none = Verdict(kind: .none)
        guard isPossible(address), let around = words.words(address - 24, count: 9) else { return none }
        let (destroy, witnesses, kindWord) = (around[1], around[2], around[3])
        guard kindWord <= 0x503, let kind = MetadataKind(rawValue: UInt16(kindWord)) else { return none }
        switch kind {
        case .none: return none
        case .class: return classVerdict(around)
        case .context:
            guard witnesses == 0, images.contains(address), images.contains(destroy), isOffset(around[4]),
                around[5] == 0 || around[5] & 3 == 0 && images.contains(around[5])
            else { return none }
        case .genericBox:
            // All have the runtime's own function; the word behind is the type in the box.
            guard witnesses == 0, images[nativeWitnesses]?.contains(destroy) == true, isOffset(around[4]),
                around[5] & 7 == 0, let type = words.load(around[5], as: UInt.self), type <= 0x307
            else { return none }
        case .error, .task, .job:
            guard witnesses == nativeWitnesses || witnesses == 0, images.contains(address),
                destroy == 0 || images.contains(destroy)
            else { return none }
        }
        return Verdict(kind: kind)
    }

    private func classVerdict(_ around: [UInt]) -> Verdict {
        let none = Verdict(kind: .none)
        let (superclass, sizes, place, descriptor) = (around[4], around[6], around[7] >> 32, around[8])
        let size = UInt32(truncatingIfNeeded: sizes)
        let alignmentMask = UInt16(truncatingIfNeeded: sizes >> 32)
        guard around[2] == nativeWitnesses, images.contains(around[1]), place == 24 || place == 16,
            size >= 16, size < 1 << 30, alignmentMask >= 7, alignmentMask & (alignmentMask &+ 1) == 0,
            superclass & 7 == 0, descriptor & 3 == 0, images.contains(descriptor),
            let flags = words.load(descriptor, as: UInt32.self), flags & 0x1f == 16
        else { return none }
        return Verdict(kind: .class, instanceSize: size, hasTail: hasTail(descriptor, superclass))
    }

    private func hasTail(_ descriptor: UInt, _ superclass: UInt) -> Bool {
        guard let library = images[nativeWitnesses], !library.contains(descriptor) else { return true }
        var next = superclass
        for _ in 0..<64 where next != 0 {
            guard let descriptor = words.load(next &+ 40, as: UInt.self), !library.contains(descriptor),
                let above = words.load(next &+ 8, as: UInt.self)
            else { return true }
            next = above
        }
        return next != 0
    }

    /// The first capture lies behind the object's header, with whatever alignment it needs.
    private func isOffset(_ word: UInt) -> Bool {
        let offset = UInt32(truncatingIfNeeded: word)
        return offset >= 16 && offset < 1 << 16
    }

    /// Whether the second word of a block is an object's reference counts, or says where they are.
    ///
    /// Source: stdlib/public/SwiftShims/RefCount.h: bit 0 is set in every object of pure Swift, bits 1 to 31 count unowned
    /// references, of which a live object has one; with bits 62 and 63 the rest is the address of a table.
    @inline(__always)
    static func isReferenceCounts(_ word: UInt) -> Bool {
        word >> 62 == 3 || word >> 63 == 0 && word & 1 == 1 && UInt32(truncatingIfNeeded: word) >= 3
    }
}

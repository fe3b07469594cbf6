// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What single blocks are, for who follows references. The same proofs and names as for a census.
package struct BlockTypes {
    private let proof: MetadataProof
    private let names: HeapTypeNames

    package init(_ sources: HeapLook.Sources) {
        let words = WordReader(read: sources.read)
        // Any class of Swift's has them before its metadata.
        let ours = unsafeBitCast(PresentPages.self as AnyClass, to: UInt.self)
        proof = MetadataProof(
            images: BlockCensus.Surroundings(MappedArea.current(), sources.read).images, words: words,
            nativeWitnesses: words.load(ours - 8, as: UInt.self) ?? 0, mayBePool: BlockTally.mayBePool)
        names = HeapTypeNames(read: sources.read, demangle: sources.demangle)
    }

    /// The Swift type of the object that is this block; nil when it is none, or is gone. Cost: some reads, and what the runtime
    /// takes for a name.
    package func name(of block: Range<UInt>) -> String? {
        guard block.count >= 16, let head = proof.words.words(block.lowerBound, count: 2),
            MetadataProof.isReferenceCounts(head[1]), proof.isPossible(head[0])
        else { return nil }
        let verdict = proof.verdict(head[0])
        guard verdict.kind != .none, verdict.kind != .class || UInt(verdict.instanceSize) <= UInt(block.count) else {
            return nil
        }
        return names.name(BlockCounts.TypeCount(key: head[0], kind: verdict.kind, count: 1, bytes: UInt(block.count)))
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

// What is asked of a marker beforehand: blocks whose reaching matters, and memory that belongs to somebody who may not be awake.
extension HeapMarker {
    /// Reports the block when it is reached.
    package func watch(_ start: UInt) {
        setSpecial(start, true)
    }

    /// Reports references into the block, and does not look into it until it is opened.
    package func gate(_ block: Range<UInt>) {
        gated[block.lowerBound] = block
        setSpecial(block.lowerBound, true)
    }

    /// Blocks whose content is left over from somebody else's time: reached, they are not looked into. Those that are no longer
    /// among them are looked into if they were reached.
    package func setHollow(_ starts: Set<UInt>) {
        for start in hollow.keys where !starts.contains(start) {
            if hollow[start] == true, let number = number(of: start) {
                setMark(chunks[Int(number & Self.numberMask) - 1], Int(start >> 4) & Self.granuleMask)
            }
            hollow[start] = nil
            if gated[start] == nil { setSpecial(start, false) }
        }
        for start in starts where hollow[start] == nil && block(startingAt: start) != nil {
            hollow[start] = isReached(start)
            setSpecial(start, true)
        }
    }

    package func isGated(_ start: UInt) -> Bool { gated[start] != nil }
    package func extent(ofGated start: UInt) -> Range<UInt>? { gated[start] }

    /// The block counts as reached, and from now on like any other.
    package func open(_ start: UInt) {
        gated[start] = nil
        hollow[start] = nil
        setSpecial(start, false)
        guard let number = number(of: start) else { return }
        let chunk = chunks[Int(number & Self.numberMask) - 1]
        setMark(chunk, Int(start >> 4) & Self.granuleMask)
    }

    /// Reports references into these ranges, such as stacks. They do not overlap, and are no heap.
    package func gate(ranges: [Range<UInt>]) {
        gatedRanges = ranges.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
        for range in gatedRanges {
            var address = range.lowerBound
            while address < range.upperBound {
                if let number = number(of: address) {
                    chunkNumbers[Int(address >> MarkedChunk.bits)] = number | Self.holdsGatedRange
                }
                address = (address | (MarkedChunk.size - 1)) + 1
            }
        }
    }

    package func takeReached() -> [UInt] {
        defer { reached.removeAll(keepingCapacity: true) }
        return reached
    }

    func setSpecial(_ start: UInt, _ value: Bool) {
        guard let number = number(of: start) else { return }
        let granule = Int(start >> 4) & Self.granuleMask
        let word = chunks[Int(number & Self.numberMask) - 1].granules + (granule >> 6)
        let bit = UInt64(1) << UInt64(granule & 63)
        word.pointee.special = value ? word.pointee.special | bit : word.pointee.special & ~bit
    }
}

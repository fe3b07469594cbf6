// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
private import CAllocationTap

// Decides of each word what it refers to.
extension HeapMarker {
    /// A word that may be a reference.
    @inline(__always)
    func consider(_ word: UInt, _ pointer: UnsafePointer<UInt>) {
        let address = word & Self.addressMask
        guard address >> Self.addressBits == 0 else { return }
        let number = chunkNumbers[Int(address >> MarkedChunk.bits)]
        guard number & ~Self.numberMask != 0 else { return }
        follow(address, number, pointer)
    }

    func follow(_ address: UInt, _ number: UInt16, _ pointer: UnsafePointer<UInt>) {
        if number & Self.holdsGatedRange != 0, touchesRange(address, pointer) { return }
        guard number & Self.holdsBlocks != 0 else { return }
        let granule = Int(address >> 4) & Self.granuleMask
        let index = Int(number & Self.numberMask) - 1
        chunks[index].prepare(granule)
        let marked = chunks[index].granules[granule >> 6].marks >> UInt64(granule & 63) & 1
        if marked != 0 { return }
        let chunk = chunks[index]
        // Every block is longer than 8 bytes, so that a pointer into a granule where one starts is inside it.
        if Self.isBlock(address & ~15) {
            if chunk.granules[granule >> 6].special >> UInt64(granule & 63) & 1 != 0 {
                reachSpecial(address & ~15, address, pointer)
            } else {
                noteOrigin(address & ~15, pointer)
                setMark(chunk, granule)
            }
            return
        }
        let start = start(ofBlockBefore: address)
        if start == 0 {
            // Such as what leads to a type's data: the program's own data lie close to its heap, and every object has one.
            chunk.granules[granule >> 6].marks |= 1 << UInt64(granule & 63)
            return
        }
        if gated[start] != nil || hollow[start] != nil {
            reachSpecial(start, address, pointer)
            return
        }
        chunk.granules[granule >> 6].marks |= 1 << UInt64(granule & 63)
        if !isReached(start) {
            interiors.append(
                (start, address, UInt(bitPattern: pointer) &+ place.pointee.shift, place.pointee.block.lowerBound))
        }
    }

    @inline(__always)
    func setMark(_ chunk: MarkedChunk, _ granule: Int) {
        let bit = UInt64(1) << UInt64(granule & 63)
        chunk.granules[granule >> 6].marks |= bit
        chunk.granules[granule >> 6].pending |= bit
        let page = granule >> 8
        chunk.queued[page >> 6] |= 1 << UInt64(page & 63)
    }

    /// A reference to a block that is watched or gated.
    func reachSpecial(_ start: UInt, _ address: UInt, _ pointer: UnsafePointer<UInt>) {
        if hollow[start] != nil {
            hollow[start] = true
        } else if let block = gated[start] {
            guard block.contains(address), counts(reference(address, pointer)) else { return }
            noteOrigin(address, pointer)
            reached.append(address)
        } else {
            noteOrigin(start, pointer)
            reached.append(start)
            guard let number = number(of: start) else { return }
            setMark(chunks[Int(number & Self.numberMask) - 1], Int(start >> 4) & Self.granuleMask)
        }
    }

    @inline(__always)
    func noteOrigin(_ target: UInt, _ pointer: UnsafePointer<UInt>) {
        if keepsOrigins { keepOrigin(target, pointer) }
    }

    func keepOrigin(_ target: UInt, _ pointer: UnsafePointer<UInt>) {
        keepOrigin(target, UInt(bitPattern: pointer) &+ place.pointee.shift, place.pointee.block.lowerBound)
    }

    func keepOrigin(_ target: UInt, _ location: UInt, _ block: UInt) {
        if origins[target] == nil { origins[target] = (location, block, origins.count) }
    }

    /// Where the reference lies by which the first word of `range` was reached first, or else any of it, and the block that it lies
    /// in, 0 for a root; but for references of `block` to itself. Cost: linear in all that was reached, where it is not the first word.
    package func origin(within range: Range<UInt>, notFrom block: UInt = 0) -> (location: UInt, block: UInt)? {
        if let first = origins[range.lowerBound], block == 0 || first.block != block {
            return (first.location, first.block)
        }
        let found = origins.filter { range.contains($0.key) && (block == 0 || $0.value.block != block) }
        return found.values.min { $0.order < $1.order }.map { ($0.location, $0.block) }
    }

    func reference(_ target: UInt, _ pointer: UnsafePointer<UInt>) -> Reference {
        let location = UInt(bitPattern: pointer) &+ place.pointee.shift
        return Reference(location: location, target: target, block: place.pointee.block, read: read)
    }

    func touchesRange(_ address: UInt, _ pointer: UnsafePointer<UInt>) -> Bool {
        var low = 0
        var high = gatedRanges.count
        while low < high {
            let middle = (low + high) / 2
            if gatedRanges[middle].upperBound <= address { low = middle + 1 } else { high = middle }
        }
        guard low < gatedRanges.count, gatedRanges[low].contains(address) else { return false }
        if counts(reference(address, pointer)) {
            noteOrigin(address, pointer)
            reached.append(address)
        }
        return true
    }

    /// Pointers into the middle count if they are inside the block, which its size tells.
    func resolveInteriors() -> Bool {
        var found = false
        let waiting = interiors.sorted { $0.start < $1.start }
        interiors.removeAll(keepingCapacity: true)
        var last: Range<UInt>?
        for (start, address, location, from) in waiting {
            guard !isReached(start) else { continue }
            if last?.lowerBound != start { last = block(startingAt: start) }
            guard let block = last, block.contains(address), let number = number(of: start) else { continue }
            let chunk = chunks[Int(number & Self.numberMask) - 1]
            let granule = Int(start >> 4) & Self.granuleMask
            found = true
            if keepsOrigins { keepOrigin(start, location, from) }
            if chunk.granules[granule >> 6].special >> UInt64(granule & 63) & 1 != 0 {
                reached.append(start)
            }
            setMark(chunk, granule)
        }
        return found
    }
}

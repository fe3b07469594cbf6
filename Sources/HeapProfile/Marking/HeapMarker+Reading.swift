// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
private import CAllocationTap
private import Glibc

// Reads memory in order of address, and looks at what was reached of it.
extension HeapMarker {
    /// Looks at memory that is no heap. Returns how much of it could be read.
    @discardableResult
    package func scan(_ range: Range<UInt>) -> UInt {
        place.pointee.block = 0..<0
        return scanLarge(range)
    }

    package func scan(word: UInt) {
        place.pointee.block = 0..<0
        var copy = word
        withUnsafePointer(to: &copy) { pointer in
            place.pointee.shift = 0
            consider(word, pointer)
        }
    }

    /// Follows everything that was reached.
    package func drain() {
        noteRegions()
        while true {
            var found = false
            // By number: chunks may be added meanwhile.
            var index = 0
            while index < chunkCount {
                if sweep(chunks[index]) { found = true }
                index += 1
            }
            if !found && !resolveInteriors() { return }
        }
    }

    /// Everything that was read is to be read again by the next ``drain()``, and what was reached is looked at again where it changed.
    package func requeue() {
        largeBlocks = LargeBlocks()
        for chunk in UnsafeBufferPointer(start: chunks, count: chunkCount)
        where chunkNumbers[Int(chunk.start >> MarkedChunk.bits)] & Self.holdsBlocks != 0 {
            chunk.requeue()
        }
    }

    /// The pages that two readings found different, since last taken.
    package func takeHotPages() -> [UInt] {
        var pages: [UInt] = []
        for chunk in UnsafeBufferPointer(start: chunks, count: chunkCount) {
            for word in 0..<MarkedChunk.pages / 64 where chunk.hot[word] != 0 {
                for bit in 0..<64 where chunk.hot[word] >> UInt64(bit) & 1 != 0 {
                    pages.append(chunk.start + UInt(word * 64 + bit) * UInt(Self.page))
                }
                chunk.hot[word] = 0
            }
        }
        return pages.sorted()
    }

    /// Reads these heap pages again, and looks at what was reached of those that changed.
    package func rescan(_ pages: Range<UInt>) {
        var page = pages.lowerBound
        while page < pages.upperBound, page >> Self.addressBits == 0 {
            let end = min(pages.upperBound, (page | (MarkedChunk.size - 1)) &+ 1)
            let number = chunkNumbers[Int(page >> MarkedChunk.bits)]
            if number & Self.holdsBlocks != 0 {
                let chunk = chunks[Int(number & Self.numberMask) - 1]
                var first = Int(page - chunk.start) / Self.page
                let last = Int(end - chunk.start) / Self.page
                while first < last {
                    scanRun(chunk, first, min(Self.longestRun, last - first))
                    first += Self.longestRun
                }
            }
            page = end
        }
    }

    func sweep(_ chunk: MarkedChunk) -> Bool {
        var found = false
        for word in 0..<MarkedChunk.pages / 64 {
            while chunk.queued[word] != 0 {
                found = true
                let first = word * 64 + chunk.queued[word].trailingZeroBitCount
                var count = 0
                while count < Self.longestRun, first + count < MarkedChunk.pages {
                    let page = first + count
                    let bit = UInt64(1) << UInt64(page & 63)
                    guard chunk.queued[page >> 6] & bit != 0 else { break }
                    chunk.queued[page >> 6] &= ~bit
                    count += 1
                }
                scanRun(chunk, first, count)
            }
        }
        return found
    }

    /// Reads pages `first..<first + count` of the chunk and looks at their pending blocks.
    func scanRun(_ chunk: MarkedChunk, _ first: Int, _ count: Int) {
        let address = chunk.start + UInt(first * Self.page)
        // The size of a block at the very beginning lies in the page before, and the end of the last one in the page behind.
        let copy = buffer.start + Self.page
        var got = 0
        if first > 0 {
            let whole = UnsafeMutableRawBufferPointer(start: copy - 16, count: count * Self.page + 16)
            got = max(0, read(address - 16, whole) - 16)
        }
        if got == 0 {
            memset(copy - 16, 0, 16)
            got = read(address, UnsafeMutableRawBufferPointer(start: copy, count: count * Self.page))
        }
        scannedBytes += got
        for page in 0..<got / Self.page where note(chunk, first + page, copy + page * Self.page) {
            scanEnd(ofBlockBefore: address + UInt(page * Self.page), copy + page * Self.page, from: address - 16)
        }
        // A block may lead to others of the same run: they are looked at while the copy is fresh.
        let end = first + min(count, got / Self.page + 1)
        for _ in 0..<16 {
            var found = false
            for word in first * 4..<end * 4 {
                while chunk.granules[word].pending != 0 {
                    let bit = chunk.granules[word].pending.trailingZeroBitCount
                    chunk.granules[word].pending &= ~(1 << UInt64(bit))
                    found = true
                    let granule = word * 64 + bit
                    scanBlock(
                        chunk, chunk.start + UInt(granule) * 16, copy + (granule * 16 - first * Self.page), copy, got,
                        address)
                }
            }
            if !found { break }
        }
        // Behind a page that is gone there may be others.
        let whole = got / Self.page
        if whole + 1 < count { scanRun(chunk, first + whole + 1, count - whole - 1) }
        var page = first
        while page < first + count {
            var rest: UInt64 = 0
            for word in page * 4..<page * 4 + 4 { rest |= chunk.granules[word].pending }
            if rest == 0 { chunk.queued[page >> 6] &= ~(1 << UInt64(page & 63)) }
            page += 1
        }
    }

    /// Remembers what the page holds. What was reached in it is to be looked at again where that is not what it held when it was last
    /// read; returns whether it was read before then.
    @inline(__always)
    func note(_ chunk: MarkedChunk, _ page: Int, _ copy: UnsafeRawPointer) -> Bool {
        let hash = PageHash.of(copy)
        let before = chunk.hashes[page]
        if before == hash { return false }
        if before != 0 || newPagesAreHot { chunk.hot[page >> 6] |= 1 << UInt64(page & 63) }
        chunk.hashes[page] = hash
        // What was reached before the first reading is looked at with it anyway.
        if before != 0 { chunk.requeue(page: page) }
        return before != 0
    }

    /// Looks at what the page has of a block that was reached and begins before it. The copy goes back to the address `low`.
    func scanEnd(ofBlockBefore page: UInt, _ copy: UnsafeMutableRawPointer, from low: UInt) {
        let start = start(ofBlockBefore: page)
        guard start != 0, start < page, isReached(start), Self.isBlock(start), gated[start] == nil, hollow[start] == nil
        else { return }
        let size = start - 8 >= low ? Self.usableSize((copy - Int(page - start) - 8).load(as: UInt64.self)) : nil
        guard let end = size.map({ start + $0 }) ?? block(startingAt: start)?.upperBound, end > page else { return }
        place.pointee.block = start..<end
        place.pointee.shift = page &- UInt(bitPattern: copy)
        let words = copy.assumingMemoryBound(to: UInt.self)
        for index in 0..<min(Self.page, Int(end - page)) / 8 { consider(words[index], words + index) }
    }

    func scanBlock(
        _ chunk: MarkedChunk, _ start: UInt, _ copy: UnsafeMutableRawPointer, _ base: UnsafeMutableRawPointer,
        _ got: Int, _ address: UInt
    ) {
        guard Self.isBlock(start), copy - base < got else { return }  // freed meanwhile, or no block's start
        let granule = Int(start >> 4) & Self.granuleMask
        if chunk.granules[granule >> 6].special >> UInt64(granule & 63) & 1 != 0,
            gated[start] != nil || hollow[start] != nil
        {
            return
        }
        let size =
            Self.usableSize((copy - 8).load(as: UInt64.self)) ?? block(startingAt: start).map { UInt($0.count) } ?? 24
        place.pointee.block = start..<start + size
        place.pointee.shift = address &- UInt(bitPattern: base)
        let here = min(size, UInt(got - (copy - base)))
        let words = copy.assumingMemoryBound(to: UInt.self)
        var index = 0
        let count = Int(here / 8)
        while index < count {
            consider(words[index], words + index)
            index &+= 1
        }
        if here < size { scanLarge(start + here..<start + size) }
    }

    /// Reads and hashes whole pages, and looks at the words of `range`.
    @discardableResult
    func scanLarge(_ range: Range<UInt>) -> UInt {
        var address = range.lowerBound & ~UInt(Self.page - 1)
        let end = (range.upperBound + UInt(Self.page - 1)) & ~UInt(Self.page - 1)
        while address < end {
            let wanted = min(Self.largeChunk, Int(end - address), Int(MarkedChunk.size - address % MarkedChunk.size))
            let copy = largeBuffer.start
            let got = read(address, UnsafeMutableRawBufferPointer(start: copy, count: wanted))
            scannedBytes += got
            if let number = number(of: address) {
                let chunk = chunks[Int(number & Self.numberMask) - 1]
                let first = Int(address - chunk.start) / Self.page
                for page in 0..<got / Self.page { _ = note(chunk, first + page, copy + page * Self.page) }
            }
            place.pointee.shift = address &- UInt(bitPattern: copy)
            var next = copy + Int(max(range.lowerBound, address) - address)
            let last = copy + min(got, Int(min(range.upperBound, address + UInt(got)) - address))
            next = UnsafeMutableRawPointer(bitPattern: (UInt(bitPattern: next) + 7) & ~7) ?? next
            while next + 8 <= last {
                let pointer = next.assumingMemoryBound(to: UInt.self)
                consider(pointer.pointee, pointer)
                next += 8
            }
            if got < wanted { return max(range.lowerBound, address + UInt(got)) - range.lowerBound }
            address += UInt(wanted)
        }
        return UInt(range.count)
    }
}

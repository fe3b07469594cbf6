// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import HeapProfile
import ProcessSnapshot
import Testing

/// Blocks of the test's own; what it keeps of their addresses is in no root that these tests give the marker.
@Suite(.serialized) struct HeapMarkerTests {
    private func block(_ size: Int) -> UnsafeMutablePointer<UInt> {
        // With eight bytes more glibc adds none, in which the address of what comes next may be left over.
        let block = UnsafeMutableRawPointer.allocate(byteCount: size + 8, alignment: 16)
        memset(block, 0, size + 8)
        return block.assumingMemoryBound(to: UInt.self)
    }

    private func address(_ pointer: UnsafeMutablePointer<UInt>, _ offset: Int = 0) -> UInt {
        UInt(bitPattern: pointer) + UInt(offset)
    }

    private func marker() throws -> HeapMarker { try #require(HeapMarker(read: ProcessMemory.read)) }

    @Test func aChainOfBlocksIsReachedFromItsHeadAndNotFromItsTail() throws {
        let blocks = (0..<1000).map { _ in block(48) }
        for (one, next) in zip(blocks, blocks.dropFirst()) { one[3] = address(next) }
        let fromHead = try marker()
        fromHead.scan(word: address(blocks[0]))
        fromHead.drain()
        #expect(blocks.allSatisfy { fromHead.isReached(address($0)) })
        let fromTail = try marker()
        fromTail.scan(word: address(blocks[999]))
        fromTail.drain()
        #expect(blocks.dropLast().allSatisfy { !fromTail.isReached(address($0)) })
    }

    @Test(arguments: [48, 5000, 300_000, 5_000_000])
    func aPointerIntoABlockReachesItAndOneBehindItDoesNot(size: Int) throws {
        let target = block(size)
        let inside = try marker()
        inside.scan(word: address(target, size - 8))
        inside.drain()
        #expect(inside.isReached(address(target)))
        let usable = try #require(inside.block(startingAt: address(target)))
        let behind = try marker()
        behind.scan(word: usable.upperBound)
        behind.drain()
        #expect(!behind.isReached(address(target)))
    }

    // What is read of a task that has ended may be any word.
    @Test(arguments: [0, 1 << 47, .max - 8, .max])
    func whatIsNoAddressIsInNoBlock(word: UInt) throws {
        let target = block(48)
        #expect(try marker().block(containing: address(target, 40))?.lowerBound == address(target))
        #expect(try marker().block(containing: word) == nil)
    }

    @Test(arguments: [144, 208, 500, 5000])
    func thereIsRoomWhereverABlockOfThatSizeOrPartOfOneBegins(size: Int) {
        for index in 0..<2000 {
            let count = size + index * 37 % (3 * size)
            let start = address(block(count))
            for part in stride(from: start, through: start + UInt(count - size), by: 16) {
                #expect(HeapMarker.hasRoom(in: part..<part + 1, for: size))
                #expect(HeapMarker.hasRoom(in: part & ~4095..<(part & ~4095) + 4096, for: size))
            }
        }
    }

    @Test(arguments: [160, 208])
    func thereIsNoRoomAmongSmallBlocks(size: Int) {
        // With what malloc adds.
        let length = UInt(size - 64)
        let starts = Set((0..<20_000).map { _ in address(block(size - 80)) })
        let pages = Dictionary(grouping: starts) { $0 & ~4095 }
        let full = pages.keys.filter { page in
            let blocks = (pages[page] ?? []) + (pages[page + 4096] ?? [])
            return blocks.contains { $0 < page + length } && blocks.allSatisfy { starts.contains($0 + length) }
        }
        #expect(full.count > 100, "pages with nothing else")
        #expect(full.filter { HeapMarker.hasRoom(in: $0..<$0 + 4096, for: size) } == [])
    }

    @Test func whatALargeBlockRefersToAtItsEndIsReached() throws {
        let large = block(3_000_000)
        let target = block(64)
        large[3_000_000 / 8 - 1] = address(target)
        let marker = try marker()
        marker.scan(word: address(large, 1_700_000))
        marker.drain()
        #expect(marker.isReached(address(target)))
    }

    @Test func bitsThatSwiftUsesForOtherThingsAreNoPartOfAnAddress() throws {
        let target = block(64)
        let marker = try marker()
        marker.scan(word: address(target) | 0xc000_0000_0000_0005)
        marker.drain()
        // The top byte and the low three bits.
        #expect(marker.isReached(address(target)))
    }

    @Test func aFreedBlockKeepsNothing() throws {
        let holder = block(4000)
        let target = block(64)
        holder[400] = address(target)
        let alive = try marker()
        alive.scan(word: address(holder))
        alive.drain()
        #expect(alive.isReached(address(target)))
        let freed = address(holder)
        free(holder)
        let dead = try marker()
        dead.scan(word: freed)
        dead.drain()
        #expect(!dead.isReached(address(target)))
    }

    /// As when the block is freed and given out again while it is read.
    @Test(arguments: [0, 7, 0xffff_ffff_ffff_fff1, 0x8000_0000_0000_0001] as [UInt])
    func aSizeWordThatIsAnythingDoesNoHarm(word: UInt) throws {
        let (torn, target) = (block(4096), block(64))
        torn[1] = address(target)
        let sizeWord = address(torn) - 8
        let marker = try #require(
            HeapMarker { address, buffer in
                let got = ProcessMemory.read(address, into: buffer)
                if address <= sizeWord, address + UInt(got) >= sizeWord + 8 {
                    buffer.storeBytes(of: word, toByteOffset: Int(sizeWord - address), as: UInt.self)
                }
                return got
            })
        marker.scan(word: address(torn))
        marker.drain()
        #expect(marker.isReached(address(torn)))
        #expect(marker.isReached(address(target)), "the first words are every block's")
        #expect(marker.block(startingAt: address(torn)) == nil)
    }

    @Test func aGatedBlockIsReportedAndLookedAtOnlyWhenItIsOpened() throws {
        let gated = block(64)
        let target = block(64)
        gated[2] = address(target)
        let marker = try marker()
        marker.gate(try #require(marker.block(startingAt: address(gated))))
        marker.scan(word: address(gated, 16))
        marker.drain()
        #expect(marker.takeReached() == [address(gated, 16)])
        #expect(!marker.isReached(address(target)))
        marker.open(address(gated))
        marker.drain()
        #expect(marker.isReached(address(target)))
    }

    @Test func aPageThatChangesBetweenTwoReadingsIsHotAndOneThatDoesNotIsNot() throws {
        let still = block(64 << 10)
        let written = block(64 << 10)
        let marker = try marker()
        marker.scan(word: address(still))
        marker.scan(word: address(written))
        marker.drain()
        written[4000] += 1
        marker.requeue()
        marker.drain()
        let hot = Set(marker.takeHotPages())
        #expect(hot.contains(address(written, 32_000) & ~4095))
        #expect(!hot.contains(address(still, 32_000) & ~4095))
    }

    @Test func whatAHotPageRefersToLaterIsReachedByAnotherLook() throws {
        let holder = block(64 << 10)
        let target = block(64)
        let marker = try marker()
        marker.scan(word: address(holder))
        marker.drain()
        holder[4000] = address(target)
        #expect(!marker.isReached(address(target)))
        let page = address(holder, 32_000) & ~4095
        marker.rescan(page..<page + 4096)
        marker.drain()
        #expect(marker.isReached(address(target)))
    }

    @Test func whatABlockRefersToLaterFarBehindItsBeginningIsReachedByTheNextReading() throws {
        let holder = block(4 << 20)
        let target = block(64)
        let marker = try marker()
        marker.scan(word: address(holder))
        marker.drain()
        holder[400_000] = address(target)
        marker.requeue()
        marker.drain()
        #expect(marker.isReached(address(target)))
    }

    @Test func whatIsReachedLateInAPageThatDidNotChangeIsLookedAt() throws {
        let target = block(64)
        // Wherever the allocator puts them, some are neighbours.
        let pages = Dictionary(grouping: (0..<10_000).map { _ in block(32) }) { address($0) >> 12 }
        let neighbours = try #require(pages.values.first { $0.count > 1 })
        let (first, second) = (neighbours[0], neighbours[1])
        second[0] = address(target)
        let marker = try marker()
        marker.scan(word: address(first))
        marker.drain()
        #expect(!marker.isReached(address(target)))
        marker.requeue()
        marker.drain()
        #expect(!marker.isReached(address(target)), "nothing changed")
        marker.scan(word: address(second))
        marker.drain()
        #expect(marker.isReached(address(target)))
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import ProcessSnapshot

@Suite struct TaskScanTests {
    @Test(
        arguments: [
            ([], [100..<200]),
            ([0..<50], [100..<200]),
            ([120..<130], [100..<120, 130..<200]),
            ([100..<200], []),
            ([50..<110, 190..<300], [110..<190]),
            ([150..<160, 110..<120], [100..<110, 120..<150, 160..<200]),
        ] as [([Range<UInt>], [Range<UInt>])])
    func ourOwnCopiesAreLeftOut(holes: [Range<UInt>], left: [Range<UInt>]) {
        #expect(TaskScan.subtract(holes, from: 100..<200) == left)
    }

    @Test func filesAndSharedMemoryHoldNoTasks() throws {
        let map = try #require(MemoryMap.current())
        let searched = map.mappings.filter(TaskScan.mayHoldTasks)
        #expect(searched.contains { $0.name == "[heap]" })
        #expect(searched.allSatisfy { !$0.isFile && !$0.isShared && $0.isWritable })
        #expect(!searched.contains { $0.name == "[stack]" })
    }

    @Test func onlyPagesThatWereWrittenAreRead() throws {
        guard let pages = PrivatePages(count: 64 << 20) else { throw NoMemory() }
        pages.start.storeBytes(of: 1, toByteOffset: 5 * 4096, as: UInt8.self)
        pages.start.storeBytes(of: 1, toByteOffset: 6 * 4096, as: UInt8.self)
        // Beyond what is asked for at once, so that stretches go on from one answer to the next.
        for page in 8190..<8195 { pages.start.storeBytes(of: 1, toByteOffset: page * 4096, as: UInt8.self) }
        let resident = try #require(ResidentPages())
        var runs: [Range<UInt>] = []
        let start = pages.range.lowerBound
        resident.forEachRun(in: pages.range) {
            let run = ($0.lowerBound - start) / 4096..<($0.upperBound - start) / 4096
            if let last = runs.last, last.upperBound == run.lowerBound {  // a part of one
                runs[runs.count - 1] = last.lowerBound..<run.upperBound
            } else {
                runs.append(run)
            }
        }
        let written: [Range<UInt>] = [5..<7, 8190..<8195]
        if runs.count == 2 {
            #expect(runs == written)
        } else {  // the kernel may give huge pages; then what was written is among what is read
            #expect(written.allSatisfy { stretch in runs.contains { $0.contains(stretch.lowerBound) } })
        }
    }

    @Test func memoryThatEndsInTheMiddleIsThereUpToItsEnd() throws {
        guard let pages = PrivatePages(count: 2 * 4096), let cache = PageCache() else { throw NoMemory() }
        let start = pages.range.lowerBound
        pages.start.storeBytes(of: 42, toByteOffset: 4088, as: UInt.self)
        #expect(cache.word(start + 4096) == 0)
        cache.forget()
        #expect(mprotect(pages.start + 4096, 4096, PROT_NONE) == 0)
        #expect(cache.word(start + 4088) == 42)
        #expect(cache.word(start + 4096) == nil)
        #expect(cache.word(start + 4092) == nil)  // not aligned
        #expect(cache.half(start + 4092) == 0)
    }

    private struct NoMemory: Error {}
}

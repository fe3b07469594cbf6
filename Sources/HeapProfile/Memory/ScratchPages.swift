// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Memory of a look's own, outside the heap that it looks at, and gone afterwards.
final class ScratchPages {
    let start: UnsafeMutableRawPointer
    let count: Int

    /// Where address space is limited, the last of it is the host's: Swift ends the process that asks for more in vain.
    private static let leftToOthers = 16 << 20

    /// Zeros. Nil when the kernel gives no memory. A page costs memory from its first write on.
    init?(count: Int) {
        let count = (count + 4095) & ~4095
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let start = mmap(nil, count + Self.leftToOthers, PROT_READ | PROT_WRITE, flags, -1, 0),
            start != MAP_FAILED
        else { return nil }
        munmap(start + count, Self.leftToOthers)
        self.start = start
        self.count = count
    }

    deinit {
        // To give the memory back takes the kernel a while. As a part of munmap nobody could map memory meanwhile.
        madvise(start, count, MADV_DONTNEED)
        munmap(start, count)
    }

    var range: Range<UInt> { UInt(bitPattern: start)..<UInt(bitPattern: start) + UInt(count) }
}

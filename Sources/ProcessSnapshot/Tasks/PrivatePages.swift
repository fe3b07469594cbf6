// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Memory of our own for copies of other memory.
///
/// Copies of tasks must not lie in the heap: freed, they would look like tasks to the next scan. These pages are skipped while
/// they are there and gone afterwards, and the next mapping begins with zeros.
struct PrivatePages: ~Copyable {
    let start: UnsafeMutableRawPointer
    let count: Int

    /// Where address space is limited, the last of it is the host's: Swift ends the process that asks for more in vain.
    private static let leftToOthers = 16 << 20

    /// Nil when the kernel gives no memory. A page costs memory from its first write on.
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
        munmap(start, count)
    }

    var range: Range<UInt> {
        UInt(bitPattern: start)..<UInt(bitPattern: start) + UInt(count)
    }
}

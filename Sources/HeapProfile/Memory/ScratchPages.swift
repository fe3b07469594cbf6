// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Memory of a look's own, outside the heap that it looks at, and gone afterwards.
final class ScratchPages {
    let start: UnsafeMutableRawPointer
    let count: Int

    /// Zeros. Nil when the kernel gives no memory. A page costs memory from its first write on.
    init?(count: Int) {
        guard let start = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
            start != MAP_FAILED
        else { return nil }
        self.start = start
        self.count = count
    }

    deinit {
        munmap(start, count)
    }

    var range: Range<UInt> { UInt(bitPattern: start)..<UInt(bitPattern: start) + UInt(count) }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Which pages of a mapping have content: a stack of 8 MiB that uses three pages is three pages to read.
///
/// Source: `/proc/self/pagemap`, where bit 63 says in memory and bit 62 swapped out. Cost: some 2 ns a page.
final class ResidentPages {
    private let descriptor: Int32

    /// Nil when the kernel does not show it, as to a process that is not dumpable.
    init?() {
        descriptor = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
    }

    deinit {
        close(descriptor)
    }

    /// Calls `body` with each stretch of pages of `range` that have content, in order.
    func forEachRun(in range: Range<UInt>, _ body: (Range<UInt>) -> Void) {
        let block = 8192  // entries at once: 64 KiB, 32 MiB of memory
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: block) { entries in
            var page = range.lowerBound >> 12
            let end = range.upperBound >> 12
            var runStart: UInt?
            while page < end {
                let wanted = Int(min(UInt(block), end - page))
                let got = pread(descriptor, entries.baseAddress, wanted * 8, off_t(page) * 8) / 8
                for index in 0..<max(got, 0) {
                    let hasContent = entries[index] >> 62 != 0
                    let address = (page + UInt(index)) << 12
                    if hasContent {
                        runStart = runStart ?? address
                    } else if let start = runStart {
                        body(start..<address)
                        runStart = nil
                    }
                }
                if got <= 0 { break }
                page += UInt(got)
            }
            if let start = runStart { body(start..<page << 12) }
        }
    }
}

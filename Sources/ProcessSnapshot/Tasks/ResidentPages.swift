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

    /// What the kernel is asked for at once: 2 MiB of memory. It keeps everybody from mapping memory while it looks, and one that
    /// sleeps for that has its turn only when we do something else.
    private static let pagesAtOnce = 512

    /// Calls `body` with each stretch of pages of `range` that have content, in order; a long one in several parts.
    func forEachRun(in range: Range<UInt>, _ body: (Range<UInt>) -> Void) {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Self.pagesAtOnce) { entries in
            var page = range.lowerBound >> 12
            let end = range.upperBound >> 12
            while page < end {
                let wanted = Int(min(UInt(Self.pagesAtOnce), end - page))
                let got = pread(descriptor, entries.baseAddress, wanted * 8, off_t(page) * 8) / 8
                if got <= 0 { return }
                var runStart: UInt?
                for index in 0..<got {
                    let address = (page + UInt(index)) << 12
                    if entries[index] >> 62 != 0 {
                        runStart = runStart ?? address
                    } else if let start = runStart {
                        body(start..<address)
                        runStart = nil
                    }
                }
                page += UInt(got)
                if let start = runStart { body(start..<page << 12) }
            }
        }
    }
}

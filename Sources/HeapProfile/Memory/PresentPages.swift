// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Which pages are in memory. Source: `/proc/self/pagemap`, bit 63 (there) and 61 (of a file, or shared), which need no privilege.
///
/// Cost: some 50 ns a page that is there, 2 ns for others. The kernel holds the lock of the address space for 2 MiB at a time;
/// for `smaps` it would hold it for a whole mapping, 18 ms for 1 GiB, and who maps or unmaps memory waits.
final class PresentPages {
    private static let present: UInt64 = 1 << 63
    private static let ofFile: UInt64 = 1 << 61
    /// Nobody else has the page. Not so the page of zeros, which stands for all that was read and never written to and is not
    /// counted as resident; nor what a forked child still shares.
    private static let ours: UInt64 = 1 << 56
    /// Longer stretches are reservations, such as a sanitizer's: too long to go through.
    private static let longest: UInt = 1 << 36
    /// Ours: this page was looked at once more since its window was loaded.
    private static let again: UInt64 = 1
    private static let pageBits: UInt = 12
    /// 64 MiB.
    private static let windowPages: UInt = 1 << 14

    private let descriptor: Int32
    private let pages: ScratchPages
    private let entries: UnsafeMutablePointer<UInt64>
    private var first: UInt = .max

    /// Nil when the kernel does not show it, as to a process that is not dumpable, or where pages are not of 4 KiB.
    init?() {
        guard sysconf(Int32(_SC_PAGESIZE)) == 1 << Self.pageBits,
            let pages = ScratchPages(count: Int(Self.windowPages) * 8)
        else { return nil }
        descriptor = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        self.pages = pages
        entries = pages.start.bindMemory(to: UInt64.self, capacity: Int(Self.windowPages))
    }

    deinit {
        close(descriptor)
    }

    /// Forgets what was seen, so that the next question reads anew.
    func forget() { first = .max }

    /// Whether the page of `address` is in memory.
    @inline(__always)
    func contains(_ address: UInt) -> Bool {
        let page = address >> Self.pageBits
        if page &- first >= Self.windowPages { load(page) }
        let entry = entries[Int(page &- first)]
        return entry & Self.present != 0 || entry & Self.again == 0 && isPresentNow(page)
    }

    struct Count {
        var ofFiles: UInt = 0
        /// Pages that no file stands behind, and those of them that nobody else has.
        var anonymous: UInt = 0
        var ours: UInt = 0
    }

    /// How many bytes of a range are in memory.
    func count(_ range: Range<UInt>) -> Count {
        var count = Count()
        guard range.upperBound - range.lowerBound <= Self.longest else { return count }
        var address = range.lowerBound
        while address < range.upperBound {
            let page = address >> Self.pageBits
            if page &- first >= Self.windowPages { load(page) }
            let end = min(range.upperBound, (page + 1) << Self.pageBits)
            let entry = entries[Int(page &- first)]
            if entry & Self.present != 0 {
                if entry & Self.ofFile != 0 {
                    count.ofFiles += end - address
                } else {
                    count.anonymous += end - address
                    if entry & Self.ours != 0 { count.ours += end - address }
                }
            }
            address = end
        }
        return count
    }

    private func load(_ page: UInt) {
        first = page / Self.windowPages * Self.windowPages
        let size = Int(Self.windowPages) * 8
        let got = max(0, pread(descriptor, entries, size, off_t(first) * 8))
        memset(pages.start + got, 0, size - got)
        // The kernel's own low bits tell of swap; here they are ours.
        for index in 0..<Int(Self.windowPages) { entries[index] &= Self.present | Self.ofFile | Self.ours }
    }

    /// A page that was not there may have been touched since.
    private func isPresentNow(_ page: UInt) -> Bool {
        var entry: UInt64 = 0
        let got = pread(descriptor, &entry, 8, off_t(page) * 8)
        entries[Int(page - first)] = (got == 8 ? entry & Self.present : 0) | Self.again
        return got == 8 && entry & Self.present != 0
    }
}

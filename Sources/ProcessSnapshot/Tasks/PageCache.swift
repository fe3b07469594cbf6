// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// This process's memory as it was at the first look at each page, until ``forget()``.
///
/// Tasks lie close together and are read word by word: a system call for each page instead of each word makes ten thousand of
/// them affordable. One thread only.
final class PageCache {
    private static let pageSize = 4096
    private static let capacity = 1024

    private let pages: PrivatePages
    private var slots: [UInt: Int] = [:]
    private var used = 0
    private var lastPage: UInt = .max
    private var lastBytes: UnsafeRawPointer

    init?() {
        guard let pages = PrivatePages(count: Self.capacity * Self.pageSize) else { return nil }
        lastBytes = UnsafeRawPointer(pages.start)
        self.pages = pages
        slots.reserveCapacity(Self.capacity)
    }

    /// Where the copies lie.
    var range: Range<UInt> { pages.range }

    /// From here on memory is looked at anew.
    func forget() {
        slots.removeAll(keepingCapacity: true)
        used = 0
        lastPage = .max
    }

    /// The word at `address`; nil when it is not mapped or not aligned.
    func word(_ address: UInt) -> UInt? {
        guard address & 7 == 0, let page = bytes(ofPage: address >> 12) else { return nil }
        return page.load(fromByteOffset: Int(address & 4095), as: UInt.self)
    }

    /// The 4 bytes at `address`; nil when they are not mapped or not aligned.
    func half(_ address: UInt) -> UInt32? {
        guard address & 3 == 0, let page = bytes(ofPage: address >> 12) else { return nil }
        return page.load(fromByteOffset: Int(address & 4095), as: UInt32.self)
    }

    /// The text up to the first NUL, 256 bytes at most; nil when it is not mapped.
    func text(_ address: UInt) -> String? {
        var text: [UInt8] = []
        while text.count < 256 {
            let next = address &+ UInt(text.count)
            guard let page = bytes(ofPage: next >> 12) else { return nil }
            let byte = page.load(fromByteOffset: Int(next & 4095), as: UInt8.self)
            if byte == 0 { break }
            text.append(byte)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func bytes(ofPage page: UInt) -> UnsafeRawPointer? {
        if page == lastPage { return lastBytes }
        if let slot = slots[page] { return remember(page, slot) }
        if used == Self.capacity { forget() }
        let copy = UnsafeMutableRawBufferPointer(start: pages.start + used * Self.pageSize, count: Self.pageSize)
        guard ProcessMemory.read(page << 12, into: copy) == Self.pageSize else { return nil }
        slots[page] = used
        used += 1
        return remember(page, used - 1)
    }

    private func remember(_ page: UInt, _ slot: Int) -> UnsafeRawPointer {
        lastPage = page
        lastBytes = UnsafeRawPointer(pages.start + slot * Self.pageSize)
        return lastBytes
    }
}

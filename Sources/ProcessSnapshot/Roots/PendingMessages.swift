// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CStackCapture
import Glibc

/// Addresses on their way through a pipe or a Unix socket of this process, as event loops hand work to each other. Copied, not
/// taken: `tee` and MSG_PEEK leave everything where it is, and wake nobody.
struct PendingMessages {
    private(set) var words: [UInt] = []
    /// Why there may be others; nil when there are none.
    private(set) var unseen: String?
    /// A mapping of our own, which is no root: what it is left with refers to nothing.
    private let bytes: UnsafeMutableRawBufferPointer?

    /// The largest pipe that the kernel gives without privileges.
    private static let capacity = 1 << 20

    init() {
        let memory = mmap(
            nil, Self.capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        bytes = memory == MAP_FAILED ? nil : UnsafeMutableRawBufferPointer(start: memory, count: Self.capacity)
    }

    /// To be called in the end.
    func free() {
        if let bytes { munmap(bytes.baseAddress, bytes.count) }
    }

    private mutating func buffer() -> UnsafeMutableRawBufferPointer? {
        if bytes == nil { unseen = "what is on its way through pipes and sockets cannot be seen for want of memory" }
        return bytes
    }

    /// Looks into a pipe's reading end. The descriptor may be anything by now: then there is nothing to see.
    mutating func look(intoPipe descriptor: Int32) {
        guard let bytes = buffer(), let start = bytes.baseAddress else { return }
        let count = stackcap_copy_pipe(descriptor, start, bytes.count)
        if count < 0 {
            unseen =
                "what is in the pipe of descriptor \(descriptor) cannot be copied: \(String(cString: strerror(Int32(-count))))"
        } else {
            add(bytes.prefix(count))
        }
    }

    /// Looks into what a Unix socket has received and nobody has read.
    mutating func look(intoSocket descriptor: Int32) {
        guard option(SO_DOMAIN, of: descriptor) == AF_UNIX, option(SO_ACCEPTCONN, of: descriptor) == 0,
            let bytes = buffer()
        else { return }
        // Looking would move a place that the program has set.
        let isFromTheBeginning = option(SO_PEEK_OFF, of: descriptor).map { $0 < 0 } ?? true
        guard isFromTheBeginning else {
            unseen = "what is on its way through sockets cannot be seen: descriptor \(descriptor) has SO_PEEK_OFF set"
            return
        }
        let count = recv(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_PEEK | MSG_DONTWAIT))
        guard count > 0 else { return }
        add(bytes.prefix(count))
        if option(SO_TYPE, of: descriptor) != Int32(SOCK_STREAM.rawValue) || count == bytes.count {
            unseen = "messages wait in socket \(descriptor), of which only the first can be seen"
        }
    }

    /// Messages may be of any length: an address can be at every byte.
    private mutating func add(_ bytes: Slice<UnsafeMutableRawBufferPointer>) {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes)
        for offset in stride(from: 0, through: bytes.count - 8, by: 1) {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt.self)
            // No program has anything below the first page or beyond 47 bits.
            if word > 4095, word & 0x00FF_FFFF_FFFF_FFFF < 1 << 47 { words.append(word) }
        }
    }

    private func option(_ name: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CStackCapture
import Glibc

/// Addresses on their way through a pipe or a Unix socket of this process, as event loops hand work to each other. Copied, not
/// taken: `tee` and MSG_PEEK leave everything where it is, and wake nobody.
struct PendingMessages: ~Copyable {
    private(set) var words: [UInt] = []
    /// Why there may be others; nil when there are none.
    private(set) var unseen: String?
    private let pages: PrivatePages

    /// The largest pipe that the kernel gives without privileges.
    private static let capacity = 1 << 20

    /// Nil when there is no memory for copies.
    init?() {
        guard let pages = PrivatePages(count: Self.capacity) else { return nil }
        self.pages = pages
    }

    /// Looks into a pipe's reading end. The descriptor may be anything by now: then there is nothing to see.
    mutating func look(intoPipe descriptor: Int32) {
        let count = stackcap_copy_pipe(descriptor, pages.start, pages.count)
        if count < 0 {
            unseen =
                "what is in the pipe of descriptor \(descriptor) cannot be copied: \(String(cString: strerror(Int32(-count))))"
        } else {
            add(count)
        }
    }

    /// Looks into what a Unix socket has received and nobody has read.
    mutating func look(intoSocket descriptor: Int32) {
        guard option(SO_DOMAIN, of: descriptor) == AF_UNIX, option(SO_ACCEPTCONN, of: descriptor) == 0 else { return }
        // Looking would move a place that the program has set.
        let isFromTheBeginning = option(SO_PEEK_OFF, of: descriptor).map { $0 < 0 } ?? true
        guard isFromTheBeginning else {
            unseen = "what is on its way through sockets cannot be seen: descriptor \(descriptor) has SO_PEEK_OFF set"
            return
        }
        let count = recv(descriptor, pages.start, pages.count, Int32(MSG_PEEK | MSG_DONTWAIT))
        guard count > 0 else { return }
        add(count)
        if option(SO_TYPE, of: descriptor) != Int32(SOCK_STREAM.rawValue) || count == pages.count {
            unseen = "messages wait in socket \(descriptor), of which only the first can be seen"
        }
    }

    /// Messages may be of any length: an address can be at every byte.
    private mutating func add(_ count: Int) {
        for offset in stride(from: 0, through: count - 8, by: 1) {
            let word = pages.start.loadUnaligned(fromByteOffset: offset, as: UInt.self)
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

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// An open file that is read piece by piece.
///
/// Not mapped: where a mapped file is cut short, touching the mapping ends the process; pread says how much there was.
final class OpenFile {
    private let descriptor: Int32
    /// Where byte 0 is: an address, when this is /proc/self/mem.
    private let origin: UInt64

    init?(_ path: String, origin: UInt64 = 0) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        self.origin = origin
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// Up to `count` bytes; fewer where the file ends or, for memory, where nothing is mapped; none where there is no room for them.
    func bytes(at offset: UInt64, atMost count: Int) -> [UInt8] {
        guard count < Self.alwaysThere || Self.hasRoom(for: count) else { return [] }
        return [UInt8](unsafeUninitializedCapacity: max(count, 0)) { buffer, filled in
            while filled < buffer.count {
                // Wraps for addresses above Int.max, which pread refuses.
                let place = Int(truncatingIfNeeded: origin &+ offset &+ UInt64(filled))
                let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled, place)
                if got < 0, errno == EINTR { continue }
                if got <= 0 { break }
                filled += got
            }
        }
    }

    private static let alwaysThere = 1 << 16

    /// Whether there is address space for that many bytes and for what is made of them: Swift ends the process that asks for more in
    /// vain. Cost: 1 µs.
    private static func hasRoom(for count: Int) -> Bool {
        let wanted = 4 * count + (32 << 20)
        guard let start = mmap(nil, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
            start != MAP_FAILED
        else { return false }
        munmap(start, wanted)
        return true
    }

    /// All of `count` bytes or nil.
    func exactly(_ count: UInt64, at offset: UInt64, limit: UInt64 = 1 << 29) -> [UInt8]? {
        guard count <= limit else { return nil }
        let bytes = bytes(at: offset, atMost: Int(count))
        return bytes.count == Int(count) ? bytes : nil
    }

    /// What stays the same as long as this is the same file with the same contents.
    func identity() -> FileIdentity? {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        return FileIdentity(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
            modifiedSeconds: Int64(status.st_mtim.tv_sec), modifiedNanoseconds: Int64(status.st_mtim.tv_nsec))
    }
}

struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let modifiedSeconds: Int64
    let modifiedNanoseconds: Int64
}

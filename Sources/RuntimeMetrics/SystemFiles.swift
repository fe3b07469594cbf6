// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CGlibc
import Glibc

/// Reads small files into memory of its own, so that reading one again allocates nothing. For one thread at a time.
///
/// Files are opened at each reading: a descriptor kept open could be closed by the host, and in a forked child it would show
/// the parent.
final class SystemFiles {
    /// 64 KiB: enough for every file read here with some 1000 processors or network interfaces.
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    /// For directories, whose entries are visited while files are read.
    private let entries = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 15, alignment: 16)

    /// The path being opened, which ends in 0.
    private let path = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(PATH_MAX))

    /// What stands before every path: empty, or a folder with files made up for a test.
    let root: [CChar]

    init(root: String = "") {
        self.root = root.utf8.map { CChar(bitPattern: $0) }
    }

    deinit {
        buffer.deallocate()
        entries.deallocate()
        path.deallocate()
    }

    /// Nil when the file cannot be read. What is beyond 64 KiB is left out.
    @discardableResult
    func read<Result>(_ path: StaticString, _ body: (Text) -> Result?) -> Result? {
        withPath(path) { open($0, O_RDONLY | O_CLOEXEC) }.flatMap { read($0, body) }
    }

    /// Reads `folder/name`; `folder` has `root` in it already, and ends in 0.
    @discardableResult
    func read<Result>(in folder: CgroupFolder, _ name: StaticString, _ body: (Text) -> Result?) -> Result? {
        guard folder.path.count + name.utf8CodeUnitCount < path.count else { return nil }
        var end = 0
        while end < folder.path.count - 1 {
            path[end] = folder.path[end]
            end += 1
        }
        path[end] = CChar(UInt8(ascii: "/"))
        end = append(name, at: end + 1)
        path[end] = 0
        return path.baseAddress.flatMap { read(open($0, O_RDONLY | O_CLOEXEC), body) }
    }

    /// Reads `folder/<number>/name`, a file that comes in one piece; `folder` is open.
    func read<Result>(
        _ folder: Int32, _ number: UInt64, _ name: StaticString, _ body: (Text) -> Result?
    ) -> Result? {
        var end = 0
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            path[end] = CChar(number / divisor % 10) + CChar(UInt8(ascii: "0"))
            end += 1
            divisor /= 10
        }
        path[end] = CChar(UInt8(ascii: "/"))
        end = append(name, at: end + 1)
        path[end] = 0
        return path.baseAddress.flatMap { read(openat(folder, $0, O_RDONLY | O_CLOEXEC), isOnePiece: true, body) }
    }

    private func read<Result>(
        _ descriptor: Int32, isOnePiece: Bool = false, _ body: (Text) -> Result?
    ) -> Result? {
        guard descriptor >= 0, let start = buffer.baseAddress else { return nil }
        defer { close(descriptor) }
        var length = 0
        while length < buffer.count {
            let count = Glibc.read(descriptor, start + length, buffer.count - length)
            if count < 0, errno == EINTR { continue }
            // A thread that ended while its file was open.
            if count < 0 { return nil }
            if count == 0 { break }
            length += count
            if isOnePiece { break }
        }
        let bytes = UnsafeBufferPointer(start: start.assumingMemoryBound(to: UInt8.self), count: length)
        return body(Text(bytes: bytes))
    }

    /// The whole of a file that may be long; allocates.
    func wholeText(_ path: StaticString) -> String? {
        guard let descriptor = withPath(path, { open($0, O_RDONLY | O_CLOEXEC) }), descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return nil }
            if count == 0 { return String(decoding: content, as: UTF8.self) }
            content += buffer[..<count]
        }
    }

    /// Visits the entries of a folder whose names are numbers; `body` gets the open folder too. False when it cannot be read.
    func visitNumbers(_ path: StaticString, _ body: (Int32, UInt64) -> Void) -> Bool {
        guard let folder = withPath(path, { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }), folder >= 0,
            let start = entries.baseAddress
        else { return false }
        defer { close(folder) }
        while true {
            let length = cglibc_getdents64(folder, start, entries.count)
            guard length > 0 else { return length == 0 }
            // Each: inode and offset of 8 bytes, the entry's length of 2, a type of 1, and the name, which ends in 0.
            var place = 0
            while place + 19 < length {
                let size = Int(start.loadUnaligned(fromByteOffset: place + 16, as: UInt16.self))
                guard size > 19, place + size <= length else { return false }
                let name = (start + place + 19).assumingMemoryBound(to: UInt8.self)
                var length = 0
                while length < size - 19, name[length] != 0 { length += 1 }
                if let number = UnsafeBufferPointer(start: name, count: length).number { body(folder, number) }
                place += size
            }
        }
    }

    /// What stat(2) says of a path; nil when it is not there.
    func information(_ path: StaticString) -> stat? {
        var information = stat()
        return withPath(path) { stat($0, &information) } == 0 ? information : nil
    }

    private func withPath<Result>(_ text: StaticString, _ body: (UnsafePointer<CChar>) -> Result) -> Result? {
        guard root.count + text.utf8CodeUnitCount < path.count else { return nil }
        var end = 0
        while end < root.count {
            path[end] = root[end]
            end += 1
        }
        end = append(text, at: end)
        path[end] = 0
        return path.baseAddress.map { body(UnsafePointer($0)) }
    }

    /// Returns where it ends; one place behind it is left free.
    private func append(_ text: StaticString, at start: Int) -> Int {
        var index = 0
        while index < text.utf8CodeUnitCount, start + index < path.count - 1 {
            path[start + index] = CChar(bitPattern: text.utf8Start[index])
            index += 1
        }
        return start + index
    }
}

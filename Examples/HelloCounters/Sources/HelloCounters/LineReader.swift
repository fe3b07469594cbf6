// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Reads a file line by line through one buffer, however long the file and its lines are.
struct LineReader: ~Copyable {
    let name: String
    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    private var unread = 0..<0

    /// Opens the file, or standard input for `-`.
    init(_ file: String) throws(UnreadableFile) {
        name = file == "-" ? "standard input" : file
        descriptor = file == "-" ? dup(STDIN_FILENO) : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw UnreadableFile(name: name, error: errno) }
    }

    deinit { close(descriptor) }

    /// The next line with its newline; nil at the end. A line that does not fit into what is left of the buffer comes in
    /// parts, of which only the last ends in a newline. The file's last line may have none.
    mutating func next() throws(UnreadableFile) -> ArraySlice<UInt8>? {
        if unread.isEmpty { try fillBuffer() }
        if unread.isEmpty { return nil }
        let newline = buffer[unread].firstIndex(of: UInt8(ascii: "\n"))
        let line = unread.lowerBound..<(newline.map { $0 + 1 } ?? unread.upperBound)
        unread = line.upperBound..<unread.upperBound
        return buffer[line]
    }

    private mutating func fillBuffer() throws(UnreadableFile) {
        var count = 0
        repeat {
            count = read(descriptor, &buffer, buffer.count)
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw UnreadableFile(name: name, error: errno) }
        unread = 0..<count
    }
}

struct UnreadableFile: Error, CustomStringConvertible {
    let name: String
    let error: Int32

    var description: String { "\(name) cannot be read: \(String(cString: strerror(error)))" }
}

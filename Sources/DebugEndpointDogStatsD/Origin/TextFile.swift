// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

enum TextFile {
    /// The file's first MiB; nil when it cannot be read.
    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16384)
        while text.count < 1 << 20 {
            let count = Glibc.read(descriptor, &part, part.count)
            if count == 0 { break }
            if count > 0 { text += part[..<count] } else if errno != EINTR { return nil }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

enum FileIdentity {
    /// Of what the path leads to, links followed; nil when there is nothing.
    static func inode(_ path: String) -> ino_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_ino : nil
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation

/// A folder that is removed with the object. Its path is short enough for sockets.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = "/tmp/dsd-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws {
        let file = URL(filePath: path + "/" + name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }
}

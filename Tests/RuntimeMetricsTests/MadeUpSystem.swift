// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation

@testable import RuntimeMetrics

/// A folder with files as the kernel might show them, and metrics read from there.
final class MadeUpSystem {
    private let folder: URL
    private let reader: MetricReader

    init(_ files: [String: String], feeds: MetricFeeds = MetricFeeds()) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "made-up-system-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        reader = MetricReader(feeds: feeds, probe: SchedulingProbe(), root: folder.path, threadsFactor: 0)
        for (path, text) in files { try put(path, text) }
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    func put(_ path: String, _ text: String) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func remove(_ path: String) throws {
        try FileManager.default.removeItem(at: folder.appending(path: path))
    }

    func value(_ name: String) -> RuntimeMetrics.Value {
        var samples = [RuntimeMetrics.Sample(name)]
        reader.read(into: &samples)
        return samples[0].value
    }

    func all() -> [RuntimeMetrics.Sample] {
        var samples = RuntimeMetrics.all.map { RuntimeMetrics.Sample($0.name) }
        reader.read(into: &samples)
        return samples
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// One scenario in a process of its own. It ends when this goes away.
final class CorpusProcess {
    let truth: CorpusTruth
    let port: Int
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var read: [UInt8] = []

    /// Returns once the scenario stands.
    init(_ scenario: String) throws {
        process.executableURL = try Self.program
        process.arguments = [scenario]
        process.standardInput = input
        process.standardOutput = output
        // A lost checked continuation says so there.
        process.standardError = FileHandle.nullDevice
        try process.run()
        do {
            truth = try Self.line(as: CorpusTruth.self, output, &read)
            port = try #require(URL(string: truth.url)?.port, "a URL with a port")
        } catch {
            process.terminate()
            throw error
        }
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.terminate()
        process.waitUntilExit()
    }

    func release() throws -> CorpusRelease {
        try input.fileHandleForWriting.write(contentsOf: Data("release\n".utf8))
        return try Self.line(as: CorpusRelease.self, output, &read)
    }

    func drop() throws -> CorpusDrop {
        try input.fileHandleForWriting.write(contentsOf: Data("drop\n".utf8))
        return try Self.line(as: CorpusDrop.self, output, &read)
    }

    struct Silence: Error, CustomStringConvertible { let description: String }

    /// The next line; an error when none comes within two minutes, and what it says when it is no such answer.
    private static func line<Answer: Decodable>(
        as type: Answer.Type, _ output: Pipe, _ read: inout [UInt8]
    ) throws -> Answer {
        let descriptor = output.fileHandleForReading.fileDescriptor
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            if let end = read.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Data(read[..<end])
                read.removeSubrange(...end)
                do {
                    return try JSONDecoder().decode(type, from: line)
                } catch {
                    throw Silence(description: "the scenario says \(String(decoding: line, as: UTF8.self))")
                }
            }
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard ContinuousClock.now < deadline else { throw Silence(description: "nothing within two minutes") }
            guard poll(&ready, 1, 1000) > 0 else { continue }
            var part = [UInt8](repeating: 0, count: 1 << 16)
            let count = Foundation.read(descriptor, &part, part.count)
            guard count > 0 else { throw Silence(description: "the scenario has ended") }
            read += part[..<count]
        }
    }

    /// The LeakCorpus binary: the one that `LEAK_CORPUS` names, such as an optimized one, or what the build puts beside
    /// the test bundle.
    static var program: URL {
        get throws {
            if let path = ProcessInfo.processInfo.environment["LEAK_CORPUS"] { return URL(fileURLWithPath: path) }
            let starts = [Bundle.main.bundlePath, Bundle.main.executablePath ?? ""] + CommandLine.arguments
            for start in starts where start.contains("/") {
                var directory = URL(fileURLWithPath: start)
                for _ in 0..<4 {
                    let candidate = directory.appendingPathComponent("LeakCorpus")
                    if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
                    directory.deleteLastPathComponent()
                }
            }
            throw CocoaError(.fileNoSuchFile)
        }
    }
}

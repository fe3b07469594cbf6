// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// One run of a scenario of TestHost, or of another host: a process of its own, and what it reported as lines of `name value`.
struct HostProcess {
    let status: Int32
    let output: String
    let values: [String: String]

    /// Runs the scenario to its end; a process that takes longer than `limit` is ended and the test fails.
    init(
        _ scenario: String, _ arguments: [String] = [], of host: String = "TestHost", limit: Duration = .seconds(120)
    ) throws {
        let process = Process()
        process.executableURL = try Self.program(host)
        process.arguments = [scenario] + arguments
        process.standardInput = FileHandle.nullDevice
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("test-host-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: file) }
        let handle = try FileHandle(forWritingTo: file)
        process.standardOutput = handle
        try process.run()
        let deadline = ContinuousClock.now + limit
        while process.isRunning, ContinuousClock.now < deadline { usleep(5000) }
        if process.isRunning {
            Issue.record("scenario \(scenario) did not end within \(limit)")
            kill(process.processIdentifier, SIGKILL)
        }
        process.waitUntilExit()
        status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        output = try String(contentsOf: file, encoding: .utf8)
        values = Self.parse(output)
        try #require(status == 0, "scenario \(scenario) ended with \(status) and said: \(output)")
    }

    /// A reported number; 0 with an issue when it was not reported.
    func number(_ name: String, at location: SourceLocation = #_sourceLocation) -> Double {
        guard let number = values[name].flatMap(Double.init) else {
            Issue.record("\(name) was not reported: \(output)", sourceLocation: location)
            return 0
        }
        return number
    }

    static func parse(_ output: String) -> [String: String] {
        let pairs = output.split(separator: "\n").compactMap { line -> (String, String)? in
            let sides = line.split(separator: " ", maxSplits: 1)
            return sides.count == 2 ? (String(sides[0]), String(sides[1])) : nil
        }
        return Dictionary(pairs) { $1 }
    }

    /// The host's binary, which the build puts beside the test bundle.
    private static func program(_ host: String) throws -> URL {
        let starts = [Bundle.main.bundlePath, Bundle.main.executablePath ?? ""] + CommandLine.arguments
        for start in starts where start.contains("/") {
            var directory = URL(fileURLWithPath: start)
            for _ in 0..<4 {
                let candidate = directory.appendingPathComponent(host)
                if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
                directory.deleteLastPathComponent()
            }
        }
        throw CocoaError(.fileNoSuchFile)
    }
}

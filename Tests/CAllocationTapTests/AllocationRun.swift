// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// One run of an AllocationHost scenario: a process of its own, and what it reported as lines of `name value`.
struct AllocationRun {
    let output: String
    private let values: [String: String]

    /// Runs the scenario to its end; a process that takes longer than `limit` is ended and the test fails.
    init(
        _ scenario: String, _ arguments: [String] = [], environment: [String: String] = [:],
        limit: Duration = .seconds(120)
    ) throws {
        let process = Process()
        process.executableURL = try Self.program
        process.arguments = [scenario] + arguments
        process.standardInput = FileHandle.nullDevice
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("allocations-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: file) }
        process.standardOutput = try FileHandle(forWritingTo: file)
        try process.run()
        let deadline = ContinuousClock.now + limit
        while process.isRunning, ContinuousClock.now < deadline { usleep(5000) }
        if process.isRunning {
            Issue.record("scenario \(scenario) did not end within \(limit)")
            kill(process.processIdentifier, SIGKILL)
        }
        process.waitUntilExit()
        output = try String(contentsOf: file, encoding: .utf8)
        let pairs = output.split(separator: "\n").compactMap { line -> (String, String)? in
            let sides = line.split(separator: " ", maxSplits: 1)
            return sides.count == 2 ? (String(sides[0]), String(sides[1])) : nil
        }
        values = Dictionary(pairs) { $1 }
        let isGood = process.terminationReason == .exit && process.terminationStatus == 0
        try #require(isGood, "scenario \(scenario) ended with \(process.terminationStatus) and said: \(output)")
    }

    /// What was reported; an issue and nothing when it was not.
    func text(_ name: String, at location: SourceLocation = #_sourceLocation) -> String {
        if values[name] == nil { Issue.record("\(name) was not reported: \(output)", sourceLocation: location) }
        return values[name] ?? ""
    }

    func number(_ name: String, at location: SourceLocation = #_sourceLocation) -> Double {
        Double(text(name, at: location)) ?? .nan
    }

    /// The AllocationHost binary, which the build puts beside the test bundle.
    private static var program: URL {
        get throws {
            let starts = [Bundle.main.bundlePath, Bundle.main.executablePath ?? ""] + CommandLine.arguments
            for start in starts where start.contains("/") {
                var directory = URL(fileURLWithPath: start)
                for _ in 0..<4 {
                    let candidate = directory.appendingPathComponent("AllocationHost")
                    if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
                    directory.deleteLastPathComponent()
                }
            }
            throw CocoaError(.fileNoSuchFile)
        }
    }
}

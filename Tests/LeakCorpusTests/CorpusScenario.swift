// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// What `LeakCorpus --list` says about one scenario.
struct CorpusScenario: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let group: String
    /// How many waiters are stuck for ever.
    let stuck: Int
    let summary: String

    var testDescription: String { "\(group)/\(name): \(summary)" }

    /// Those in which somebody is stuck.
    static let leaks = all.filter { $0.stuck > 0 }
    /// Those in which nobody is.
    static let controls = all.filter { $0.stuck == 0 }

    private static let all: [CorpusScenario] = {
        do {
            let process = Process()
            process.executableURL = try CorpusProcess.program
            process.arguments = ["--list"]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let text = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return try text.split(separator: UInt8(ascii: "\n")).map {
                try JSONDecoder().decode(CorpusScenario.self, from: $0)
            }
        } catch {
            Issue.record("no list of scenarios: \(error)")
            return []
        }
    }()
}

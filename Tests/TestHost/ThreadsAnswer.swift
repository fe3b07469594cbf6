// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointClient

/// What `/debug/threads?format=json` says, which has one thread on a line.
struct ThreadsAnswer {
    let status: Int
    /// A line for each thread.
    let threads: [Substring]
    /// A line for each thread that could not be looked at whole.
    let unknown: [Substring]

    init(_ client: DebugClient) throws {
        let answer = try client.get("/debug/threads?format=json&limit=100000")
        let lines = answer.text.split(separator: "\n")
        status = answer.status
        threads = lines.filter { $0.contains("\"system_call\": ") }
        unknown = lines.filter { $0.contains("\"reason\": ") }
    }

    /// The line of the thread with that name.
    func thread(_ name: String) -> Substring? {
        threads.first { $0.contains("\"name\": \"\(name)\"") }
    }

    /// What is missing of the thread with that name.
    func reason(_ name: String) -> Substring? {
        guard let line = thread(name), let id = Self.id(line) else { return nil }
        return unknown.first { Self.id($0) == id }
    }

    static func id(_ line: Substring) -> Int? {
        Int(line.drop { !$0.isNumber }.prefix { $0.isNumber })
    }

    static func hasStack(_ line: Substring) -> Bool {
        !line.contains("\"stack\": []")
    }
}

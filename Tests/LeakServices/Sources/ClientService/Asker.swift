// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import AsyncHTTPClient
import DebugEndpoint
import NIOCore
import NIOHTTP1

/// One after the other, for ever.
struct Asker: Sendable {
    let number: Int
    let url: String
    let client: HTTPClient

    private static let answers = VariableRegistry.shared.counter("service_answers_total")
    private static let failures = VariableRegistry.shared.counter("service_failures_total")

    func run() async {
        var turn = number
        while !Task.isCancelled {
            do {
                try await ask(turn)
                Self.answers.increment()
            } catch {
                // Also what was given up on purpose.
                Self.failures.increment()
                try? await Task.sleep(for: .milliseconds(1))
            }
            turn &+= 1
        }
    }

    private func ask(_ turn: Int) async throws {
        switch turn % 7 {
        case 0: try await get("fan/\(turn % 40)")
        case 1: try await get("stream/\(turn % 100)")
        case 2: try await get("slow")
        case 3: try await post(Array(repeating: UInt8(truncatingIfNeeded: turn), count: turn % 5000))
        case 4: _ = try await client.get(url: url + "fan/3", deadline: .now() + .seconds(5)).get()
        case 5: try await giveUp("slow", after: .milliseconds(turn % 30))
        default: try await giveUp("wait", after: .milliseconds(50))
        }
    }

    private func get(_ path: String) async throws {
        let response = try await client.execute(HTTPClientRequest(url: url + path), timeout: .seconds(5))
        for try await _ in response.body {}
    }

    private func post(_ bytes: [UInt8]) async throws {
        var request = HTTPClientRequest(url: url + "echo")
        request.method = .POST
        let (parts, continuation) = AsyncStream<ByteBuffer>.makeStream()
        request.body = .stream(parts, length: .unknown)
        let writer = Task(name: "writer") {
            for part in stride(from: 0, to: bytes.count, by: 512) {
                continuation.yield(ByteBuffer(bytes: bytes[part..<min(bytes.count, part + 512)]))
                await Task.yield()
            }
            continuation.finish()
        }
        defer { writer.cancel() }
        let response = try await client.execute(request, timeout: .seconds(5))
        for try await _ in response.body {}
    }

    /// Asks, and cancels the request if there is no answer in time.
    private func giveUp(_ path: String, after time: Duration) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask(name: "asking") { try await get(path) }
            group.addTask(name: "limit") { try await Task.sleep(for: time) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

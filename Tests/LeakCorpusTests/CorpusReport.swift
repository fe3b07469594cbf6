// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointTesting
import Foundation

/// What the detector says: the fixed keys of `/debug/leaks?format=json` that the tests look at.
struct CorpusReport: Decodable, Sendable {
    struct Waiter: Hashable, Sendable {
        let kind: String
        let id: UInt64
    }

    struct Leak: Decodable, Sendable {
        struct Wait: Decodable, Sendable { let primitive: String }
        struct Frame: Decodable, Sendable { let function: String? }
        let kind: String
        let id: UInt64
        let name: String?
        let verdict: String
        let certainty: String
        let waitingOn: Wait
        let reason: String
        let stack: [Frame]

        enum CodingKeys: String, CodingKey {
            case kind, id, name, verdict, certainty, reason, stack
            case waitingOn = "waiting_on"
        }

        var waiter: Waiter { Waiter(kind: kind, id: id) }
        var shown: String { "\(kind) \(id) \(name ?? "") \(verdict), \(certainty): \(reason)" }
    }

    struct Unknown: Decodable, Sendable {
        let kind: String
        let id: UInt64
        let reason: String
        var shown: String { "\(kind) \(id) unknown: \(reason)" }
    }

    let leaks: [Leak]
    let unknown: [Unknown]

    /// Asks for a scan.
    init(of process: CorpusProcess) throws {
        let answer = try DebugClient(port: process.port).get("/debug/leaks?format=json")
        guard answer.status == 200 else { throw Refusal(description: "\(answer.status): \(answer.text)") }
        self = try JSONDecoder().decode(CorpusReport.self, from: Data(answer.body))
    }

    struct Refusal: Error, CustomStringConvertible { let description: String }

    var shown: String { (leaks.map(\.shown) + unknown.map(\.shown)).prefix(20).joined(separator: "\n") }

    subscript(kind: String, id: UInt64) -> Leak? {
        leaks.first { $0.kind == kind && $0.id == id }
    }
}

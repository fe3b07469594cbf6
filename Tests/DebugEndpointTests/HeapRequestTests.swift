// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointTesting
import HeapProfile
import Testing

/// What may be asked of the snapshots that this process keeps.
@Suite(.serialized, .enabled(if: TapRefusal.current == nil)) struct HeapRequestTests {
    private static func answers(_ paths: String...) throws -> [DebugClient.Answer] {
        let server = try DebugServer.start(.init(address: .loopback(port: 0), registry: VariableRegistry()))
        defer { server.stop() }
        return try paths.map { try DebugClient(server).get($0) }
    }

    @Test func growthSinceALaterSnapshotIsRefused() throws {
        let answers = try Self.answers("/debug/heap", "/debug/heap?since=2&id=1", "/debug/heap?since=1&id=1")
        #expect(answers.map(\.status) == [200, 400, 400])
        #expect(answers.dropFirst().allSatisfy { $0.text.contains("since is not before id") })
    }

    @Test func aSnapshotThatIsNotKeptIsNotFoundAndThoseThatAreAreNamed() throws {
        let answers = try Self.answers("/debug/heap?format=json&top=1", "/debug/heap?id=4000000000")
        #expect(answers.map(\.status) == [200, 404])
        let id = answers[0].text.drop { !$0.isNumber }.prefix { $0.isNumber }
        #expect(answers[1].text.contains("there is no snapshot 4000000000: "))
        #expect(answers[1].text.split(whereSeparator: { !$0.isNumber }).contains(id))
    }
}

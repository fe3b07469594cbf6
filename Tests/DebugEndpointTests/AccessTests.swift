// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointTesting
import Testing

@Suite struct AccessTests {
    @Test(arguments: [
        "localhost", "LOCALHOST:6060", "127.0.0.1", "127.8.9.10:80", "[::1]:6060", "app.localhost:6060",
    ])
    func aLoopbackNameInTheHostHeaderIsAnswered(host: String) throws {
        #expect(try status(host: host) == 200)
    }

    @Test(arguments: [
        "evil.example", "evil.example:6060", "127.0.0.1.evil.example", "localhost.evil.example", "128.0.0.1", "[::2]",
        "::1:x",
        "0.0.0.0", "", "127.0.0.1:80:80",
    ])
    func anyOtherNameInTheHostHeaderIsRefused(host: String) throws {
        #expect(try status(host: host) == 403)
    }

    @Test func anAllowedHostIsAnswered() throws {
        #expect(try status(host: "Debug.Example:6060", allowed: ["debug.example"]) == 200)
        #expect(try status(host: "other.example:6060", allowed: ["debug.example"]) == 403)
    }

    @Test func unprotectedAcceptsAnyHost() throws {
        #expect(try status(host: "evil.example", access: .unprotected) == 200)
    }

    @Test(
        arguments: [
            (nil, 401), ("Bearer s3cret", 200), ("bearer s3cret", 200), ("Bearer s3cre", 401), ("Bearer s3cretx", 401),
            ("Bearer S3cret", 401), ("Bearer ", 401), ("s3cret", 401), ("Basic s3cret", 401),
        ] as [(String?, Int)])
    func onlyTheRightBearerTokenIsLetIn(authorization: String?, expected: Int) throws {
        let server = try DebugServer.start(
            .init(address: .loopback(port: 0), registry: VariableRegistry(), access: .bearerToken("s3cret")))
        defer { server.stop() }
        let answer = try DebugClient(server).get(
            "/metrics", headers: authorization.map { ["Authorization": $0] } ?? [:])
        #expect(answer.status == expected)
        #expect((answer.header("WWW-Authenticate") != nil) == (expected == 401))
    }

    @Test func aRefusalComesBeforeTheRouteIsLookedAt() throws {
        let server = try DebugServer.start(
            .init(address: .loopback(port: 0), registry: VariableRegistry(), access: .bearerToken("s3cret")))
        defer { server.stop() }
        #expect(try DebugClient(server).get("/nowhere").status == 401)
        #expect(try DebugClient(server).send("POST", "/metrics").status == 401)
    }

    @Test(arguments: ["0.0.0.0", "::", "192.0.2.1", "some.example"])
    func anAddressThatOthersCanReachIsRefusedUnlessItIsProtected(host: String) throws {
        #expect {
            try DebugServer.start(.init(address: .host(host, port: 0), registry: VariableRegistry()))
        } throws: { error in
            (error as? DebugServerError)?.code == .unprotectedAddress && "\(error)".contains(".unprotected")
        }
    }

    @Test func anAddressThatOthersCanReachIsServedWhenProtectedOrSaidToBeUnprotected() throws {
        for access in [DebugServer.Access.bearerToken("t"), .unprotected] {
            let server = try DebugServer.start(
                .init(address: .host("0.0.0.0", port: 0), registry: VariableRegistry(), access: access))
            defer { server.stop() }
            let answer = try DebugClient(server).get(
                "/debug/", headers: ["Authorization": "Bearer t", "Host": "any.example"])
            #expect(answer.status == 200)
        }
    }

    @Test(arguments: ["", "a b", "é", "a\n"])
    func aTokenThatNoHeaderCanCarryIsRefused(token: String) {
        #expect {
            try DebugServer.start(.init(address: .loopback(port: 0), access: .bearerToken(token)))
        } throws: { ($0 as? DebugServerError)?.code == .invalidConfiguration }
    }

    @Test(arguments: [-1, 65536])
    func aPortOutOfRangeIsRefused(port: Int) {
        #expect {
            try DebugServer.start(.init(address: .loopback(port: port)))
        } throws: { ($0 as? DebugServerError)?.code == .invalidAddress }
    }

    private func status(
        host: String, allowed: [String] = [], access: DebugServer.Access = .loopbackOnly
    ) throws -> Int {
        let server = try DebugServer.start(
            .init(address: .loopback(port: 0), registry: VariableRegistry(), access: access, allowedHosts: allowed))
        defer { server.stop() }
        return try DebugClient(server).get("/debug/", headers: ["Host": host]).status
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointTesting
import Glibc
import Synchronization
import Testing

@testable import DebugEndpoint

@Suite struct DebugServerTests {
    @Test func theURLPortAndAddressAreTheRealOnes() throws {
        let server = try DebugServer.start(.init(address: .loopback(port: 0), registry: VariableRegistry()))
        defer { server.stop() }
        #expect(server.port > 0)
        #expect(server.url == "http://127.0.0.1:\(server.port)/debug/")
    }

    @Test func aUnixSocketIsServedAndItsURLIsItsPath() throws {
        let path = "/tmp/debug-endpoint-test-\(getpid()).sock"
        let server = try DebugServer.start(.init(address: .unixSocket(path), registry: VariableRegistry()))
        defer { server.stop() }
        #expect(server.url == "unix:" + path)
        #expect(server.port == 0)
        #expect(try DebugClient(server).get("/debug/", headers: ["Host": "any.example"]).status == 200)
    }

    @Test func aTakenPortIsATypedErrorWithASentence() throws {
        let first = try DebugServer.start(.init(address: .loopback(port: 0), registry: VariableRegistry()))
        defer { first.stop() }
        #expect {
            try DebugServer.start(.init(address: .loopback(port: first.port), registry: VariableRegistry()))
        } throws: { error in
            (error as? DebugServerError)?.code == .addressInUse
                && "\(error)".contains("127.0.0.1:\(first.port) is in use")
        }
    }

    @Test func twoServersShowTheirOwnRegistries() throws {
        let servers = try ["one", "two"].map { name in
            let registry = VariableRegistry()
            registry.counter(name).increment()
            return try DebugServer.start(.init(address: .loopback(port: 0), registry: registry))
        }
        defer { for server in servers { server.stop() } }
        #expect(try DebugClient(servers[0]).get("/debug/vars?match=one,two").text == "{\n\"one\": 1\n}\n")
        #expect(try DebugClient(servers[1]).get("/debug/vars?match=one,two").text == "{\n\"two\": 1\n}\n")
    }

    @Test func theAuditSeesEveryRequest() throws {
        let records = Mutex<[DebugServer.RequestRecord]>([])
        var configuration = DebugServer.Configuration(address: .loopback(port: 0), registry: VariableRegistry())
        configuration.onRequest = { record in records.withLock { $0.append(record) } }
        let server = try DebugServer.start(configuration)
        let client = DebugClient(server)
        _ = try client.get("/debug/vars?match=x")
        _ = try client.send("PUT", "/metrics")
        _ = try client.get("/nowhere")
        _ = try client.get("/debug/", headers: ["Host": "evil.example"])
        _ = try client.get("/%zz")
        server.stop()  // after it every record is there
        let seen = records.withLock { $0 }
        #expect(seen.map(\.status) == [200, 405, 404, 403, 400])
        #expect(seen.map(\.method) == ["GET", "PUT", "GET", "GET", "GET"])
        #expect(seen.prefix(4).map(\.path) == ["/debug/vars", "/metrics", "/nowhere", "/debug/"])
        #expect(seen.allSatisfy { $0.peer.hasPrefix("127.0.0.1:") && $0.duration > .zero })
    }

    @Test func aProblemIsLoggedOnce() throws {
        let registry = VariableRegistry()
        let lines = Mutex<[String]>([])
        _ = registry.counter("bad name")
        var configuration = DebugServer.Configuration(address: .loopback(port: 0), registry: registry)
        configuration.log = { line in lines.withLock { $0.append(line) } }
        let server = try DebugServer.start(configuration)
        defer { server.stop() }
        for _ in 0..<3 { _ = registry.counter("bad name") }
        _ = registry.gauge("other bad name")
        #expect(lines.withLock { $0.count } == 2)
        #expect(lines.withLock { $0[0] }.hasPrefix("variable \"bad name\": the name is outside"))
    }

    @Test(
        arguments: [
            ("127.0.0.1:6060", .host("127.0.0.1", port: 6060)), ("localhost:0", .host("localhost", port: 0)),
            ("[::1]:80", .host("::1", port: 80)), ("unix:/run/app/debug.sock", .unixSocket("/run/app/debug.sock")),
        ] as [(String, DebugServer.Address)])
    func anAddressIsReadFromText(text: String, address: DebugServer.Address) throws {
        #expect(try DebugServer.Address(parsing: text) == address)
    }

    @Test(arguments: [
        "6060", ":6060", "localhost", "localhost:x", "localhost:65536", "::1:80", "unix:run/x", "unix:", "http://x:1/",
    ])
    func anAddressThatCannotBeReadIsATypedError(text: String) {
        #expect {
            try DebugServer.Address(parsing: text)
        } throws: { error in
            (error as? DebugServerError)?.code == .invalidAddress
                && "\(error)".contains("DEBUG_ENDPOINT is \"\(text)\"")
        }
    }
}

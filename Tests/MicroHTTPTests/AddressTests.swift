// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointTesting
import Glibc
import MicroHTTP
import Testing

struct AddressTests {
    private static func start(_ host: String, port: UInt16 = 0) throws(HTTPServerError) -> HTTPServer {
        try HTTPServer(HTTPServer.Configuration(address: .host(host, port: port))) { .text("peer \($0.peer)") }
    }

    @Test func portZeroBecomesTheRealPort() throws {
        let servers = try (0..<5).map { _ in try Self.start("127.0.0.1") }
        #expect(Set(servers.map(\.port)).count == 5)
        for server in servers {
            #expect(server.port >= 1024)
            #expect(server.answersOrdinarily())
        }
        for server in servers { server.stop() }
    }

    @Test func twoServersInOneProcessAnswerForThemselves() throws {
        try withServer(handler: answering { _ in .text("one") }) { one in
            try withServer(handler: answering { _ in .text("two") }) { two in
                let first = try one.client.get("/")
                let second = try two.client.get("/")
                #expect(first.text == "one\n")
                #expect(second.text == "two\n")
                one.stop()
                #expect(two.answersOrdinarily())
            }
        }
    }

    @Test func aPortThatIsTakenIsRefusedWithASentence() throws {
        try withServer { server in
            let error = try #require(throws: HTTPServerError.self) {
                try Self.start("127.0.0.1", port: UInt16(server.port))
            }
            #expect(error == .addressInUse("127.0.0.1:\(server.port)"))
            #expect(error.description.hasPrefix("127.0.0.1:\(server.port) is in use: "))
            #expect(server.answersOrdinarily(), "the first is not disturbed")
        }
    }

    @Test func anAddressOfAnotherMachineIsRefused() {
        #expect(throws: HTTPServerError.addressNotHere("192.0.2.1:0")) { try Self.start("192.0.2.1") }
        #expect(throws: HTTPServerError.addressNotHere("[2001:db8::1]:0")) { try Self.start("2001:db8::1") }
    }

    @Test(arguments: ["no-such-host.invalid", "256.1.1.1", "not a host", "127.0.0.1:80", "[::1]", ""])
    func aHostThatCannotBeResolvedIsRefused(_ host: String) throws {
        let error = try #require(throws: HTTPServerError.self) { try Self.start(host).stop() }
        #expect(error == .hostUnknown(host))
        #expect(error.description.contains("the host \"\(host)\" cannot be resolved"))
    }

    @Test func aNameIsResolved() throws {
        let server = try Self.start("localhost")
        defer { server.stop() }
        #expect(server.address == .host("localhost", port: UInt16(server.port)))
        let addresses: [ListenAddress] = ["127.0.0.1", "::1"].map { .host($0, port: UInt16(server.port)) }
        #expect(addresses.contains { (try? ClientConnection($0)) != nil })
    }

    @Test func versionSixIsServedAndDoesNotTakeVersionFour() throws {
        let server = try Self.start("::1")
        defer { server.stop() }
        let client = try ClientConnection(server.address)
        client.send("GET / HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n")
        let text = String(decoding: client.receiveToEnd(), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text.contains("\r\n\r\npeer [::1]:"))
        let other = try Self.start("127.0.0.1", port: UInt16(server.port))
        #expect(other.answersOrdinarily())
        other.stop()
        let error = try #require(throws: HTTPServerError.self) { try Self.start("::1", port: UInt16(server.port)) }
        #expect(error == .addressInUse("[::1]:\(server.port)"))
    }

    @Test(arguments: [
        HTTPServerError.addressInUse("a"), .addressNotHere("a"), .hostUnknown("a"), .permissionDenied("a"),
        .socketPathTooLong("a"), .socketPathTaken("a"), .fileUnreadable("a", errno: ENOENT),
        .certificateRefused(certificate: "a", privateKey: "b"), .systemRefused(call: "a", errno: EMFILE),
        .daemonRefused,
    ])
    func everyErrorIsASentence(_ error: HTTPServerError) {
        #expect(error.description.contains(" "))
        #expect(!error.description.contains("\n"))
        #expect(!error.description.hasSuffix("."))
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import MicroHTTP
import Synchronization
import Testing

struct InterruptionTests {
    /// A handler that waits at `/wait` until it is interrupted, and what it was interrupted by.
    private final class Waiter: Sendable {
        private let state = Mutex((begun: 0, seen: [Interruption?]()))
        let patience: Duration

        init(patience: Duration = .seconds(30)) {
            self.patience = patience
        }

        var begun: Int { state.withLock { $0.begun } }
        var seen: [Interruption?] { state.withLock { $0.seen } }

        var handler: HTTPServer.Handler {
            { request in
                guard request.path == "/wait" else { return .text("ok") }
                self.state.withLock { $0.begun += 1 }
                let interruption = request.wait(for: self.patience)
                self.state.withLock { $0.seen.append(interruption) }
                return interruption == nil ? .text("waited") : .text("the server stops", status: 503)
            }
        }
    }

    private static func wait(_ version: String = "1.1") -> String { "GET /wait HTTP/\(version)\r\nHost: a\r\n\r\n" }

    enum Transport: CaseIterable {
        case tcp, unix
    }

    private let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory()
    }

    private func configuration(_ transport: Transport) -> HTTPServer.Configuration {
        switch transport {
        case .tcp: .loopback()
        case .unix: HTTPServer.Configuration(address: .unixSocket(directory.file("debug.sock")))
        }
    }

    @Test(arguments: Transport.allCases, [false, true])
    func aHandlerLearnsThatItsClientHasGone(_ transport: Transport, reset: Bool) throws {
        let waiter = Waiter()
        try withServer(configuration(transport), handler: waiter.handler) { server in
            for (index, sentAhead) in ["", "GET /next HTTP/1.1\r\nHost: a\r\n\r\n", "GET /ha"].enumerated() {
                let client = try ClientConnection(server.address)
                client.send(Self.wait() + sentAhead)
                #expect(eventually { waiter.begun == index + 1 })
                #expect(waiter.seen.count == index, "it waits while the client does")
                client.leave(reset: reset)
                #expect(eventually { waiter.seen.count == index + 1 })
            }
            #expect(waiter.seen == [.clientGone, .clientGone, .clientGone])
        }
    }

    /// HTTP/1.0 over TCP is left out: such a client cannot be asked, and only a reset tells.
    @Test func aHandlerLearnsOfAResetFromAnOldClientToo() throws {
        let waiter = Waiter()
        try withServer(handler: waiter.handler) { server in
            let client = try ClientConnection(server.address)
            client.send(Self.wait("1.0"))
            #expect(eventually { waiter.begun == 1 })
            client.leave(reset: true)
            #expect(eventually { waiter.seen == [.clientGone] })
        }
    }

    @Test(arguments: Transport.allCases, ["1.0", "1.1"])
    func aClientThatStopsSendingHasNotGone(_ transport: Transport, version: String) throws {
        let waiter = Waiter(patience: .milliseconds(300))
        try withServer(configuration(transport), handler: waiter.handler) { server in
            let client = try ClientConnection(server.address)
            client.send(Self.wait(version))
            client.endSending()
            let answer = String(decoding: client.receiveToEnd(), as: UTF8.self)
            #expect(waiter.seen == [nil])
            #expect(answer.contains(" 200 OK\r\n") && answer.hasSuffix("\r\n\r\nwaited\n"))
            let asks = transport == .tcp && version == "1.1"
            #expect(answer.hasPrefix(asks ? "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n" : "HTTP/"))
            #expect(answer.ranges(of: "100 Continue").count == (asks ? 1 : 0), "asked at most once")
        }
    }

    /// Over TCP only one that leaves with something unread: nothing else reaches the server then.
    @Test(arguments: Transport.allCases)
    func aClientThatStopsSendingAndLeavesLaterIsNoticed(_ transport: Transport) throws {
        let waiter = Waiter()
        try withServer(configuration(transport), handler: waiter.handler) { server in
            let client = try ClientConnection(server.address)
            client.send(Self.wait())
            #expect(eventually { waiter.begun == 1 })
            client.endSending()
            if transport == .tcp { #expect(!client.receive(1).isEmpty, "the interim response's beginning") }
            #expect(waiter.seen.isEmpty)
            client.leave()
            #expect(eventually { waiter.seen == [.clientGone] })
        }
    }

    @Test func requestsThatWereSentAheadAreAnsweredInTheirOrder() throws {
        let waiter = Waiter(patience: .milliseconds(100))
        try withServer(handler: waiter.handler) { server in
            let client = try ClientConnection(server.address)
            client.send(Self.wait() + "GET / HTTP/1.1\r\nHost: a\r\n\r\n" + Self.wait())
            client.endSending()
            let answers = String(decoding: client.receiveToEnd(), as: UTF8.self)
            #expect(waiter.seen == [nil, nil])
            let bodies = answers.split(separator: "\r\n\r\n").map { $0.prefix { $0 != "\n" } }
            #expect(bodies.filter { ["waited", "ok"].contains($0) } == ["waited", "ok", "waited"])
        }
    }

    @Test func aHandlerLearnsThatATLSClientHasGone() throws {
        let pair = try TLSTests.makePair("server", in: directory)
        let waiter = Waiter()
        try withServer(.loopback { $0.tls = pair }, handler: waiter.handler) { server in
            let url = "https://localhost:\(server.port)"
            let curl = ["-sS", "--max-time", "1", "--cacert", pair.certificate]
            let left = try run("curl", curl + ["\(url)/wait"])
            #expect(left.status == 28, "curl gave up")
            #expect(eventually { waiter.seen == [.clientGone] })
            let stayed = try run("curl", curl + ["\(url)/"])
            #expect(stayed.status == 0)
        }
    }

    @Test func aRunThatTheServerStopsEndsWith503() throws {
        let waiter = Waiter()
        let server = try HTTPServer(.loopback(), handler: waiter.handler)
        let clients = try (0..<8).map { _ in try ClientConnection(server.address) }
        for client in clients { client.send(Self.wait()) }
        #expect(eventually { waiter.begun == 8 })
        let time = ContinuousClock().measure { server.stop() }
        #expect(time < .milliseconds(500))
        #expect(waiter.seen == Array(repeating: .serverStopping, count: 8))
        for client in clients {
            let answer = String(decoding: client.receiveToEnd(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.hasSuffix("\r\n\r\nthe server stops\n"))
        }
    }

    @Test func stoppingDoesNotWaitForAnAnswerThatNobodyReads() throws {
        let server = try HTTPServer(.loopback()) { _ in
            Response(contentType: "application/octet-stream", body: [UInt8](repeating: 0, count: 32 << 20))
        }
        let client = try ClientConnection(server.address)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(!client.receive(100).isEmpty, "the answer is on its way")
        let time = ContinuousClock().measure { server.stop() }
        #expect(time < .seconds(1))
    }

    @Test func aLookAtAClientThatWaitsSeesNothing() throws {
        let looks = Mutex<[Interruption?]>([])
        let handler: HTTPServer.Handler = { request in
            for _ in 0..<100 {
                let look = request.interruption
                looks.withLock { $0.append(look) }
            }
            return .text("ok")
        }
        try withServer(handler: handler) { server in
            #expect(server.answersOrdinarily())
            #expect(looks.withLock { $0 } == Array(repeating: nil, count: 100))
        }
    }

    @Test func aRequestThatIsKeptAfterItsAnswerWatchesNoConnection() throws {
        let log = RequestLog()
        let kept = try withServer(handler: log.handler) { server in
            let client = try ClientConnection(server.address)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(!client.receive().isEmpty)
            client.leave(reset: true)
            let kept = try #require(log.all.first)
            #expect(kept.wait(for: .milliseconds(50)) == nil)
            return kept
        }
        #expect(kept.interruption == .serverStopping, "and keeps nothing that is closed")
    }

    @Test func aRequestOfNoServerIsNeverInterrupted() {
        let request = Request(path: "/")
        #expect(request.interruption == nil)
        let time = ContinuousClock().measure { #expect(request.wait(for: .milliseconds(20)) == nil) }
        #expect(time >= .milliseconds(20))
        #expect(request.wait(for: .seconds(-1)) == nil)
    }
}

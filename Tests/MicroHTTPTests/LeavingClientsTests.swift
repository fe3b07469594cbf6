// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointTesting
import MicroHTTP
import Synchronization
import Testing

struct LeavingClientsTests {
    /// Few places, so that a connection that is not given back is noticed at once.
    private static let places = 4

    private static let handler: HTTPServer.Handler = { request in
        request.path == "/large"
            ? Response(contentType: "application/octet-stream", body: [UInt8](repeating: 0, count: 8 << 20))
            : .text("ok")
    }

    @Test(
        arguments: [
            "", "G", "GET /half", "GET / HTTP/1.1\r", "GET / HTTP/1.1\r\nHost: a\r\nX-Half: ",
            "GET / HTTP/1.1\r\nHost: a\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf of it",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        ], [false, true])
    func aClientThatLeavesInTheMiddleOfItsRequestHarmsNobody(_ part: String, reset: Bool) throws {
        let log = RequestLog()
        try withServer(.loopback { $0.limits.connections = Self.places }, handler: log.handler) { server in
            for _ in 0..<60 {
                let client = try ClientConnection(server.address)
                client.send(part)
                client.leave(reset: reset)
            }
            #expect(log.all.isEmpty, "half a request reaches no handler")
            let start = ContinuousClock.now
            #expect(server.answersOrdinarily())
            #expect(ContinuousClock.now - start < .seconds(5), "every place was given back")
            #expect(log.all.count == 1)
        }
    }

    @Test(arguments: [false, true])
    func aClientThatLeavesInTheMiddleOfItsAnswerHarmsNobody(reset: Bool) throws {
        let completed = Atomic(0)
        try withServer(
            .loopback {
                $0.limits.connections = Self.places
                $0.audit = { _ in completed.wrappingAdd(1, ordering: .relaxed) }
            }, handler: Self.handler
        ) { server in
            for round in 0..<60 {
                let client = try ClientConnection(server.address)
                client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
                if round % 2 == 0 { #expect(!client.receive(1000).isEmpty, "the answer was on its way") }
                client.leave(reset: reset)
            }
            #expect(server.answersOrdinarily())
            let whole = try server.client.get("/large")
            #expect(whole.body.count == 8 << 20)
            #expect(eventually { completed.load(ordering: .relaxed) >= 32 }, "answers cut short are audited too")
        }
    }

    @Test func aClientThatLeavesWhileItsHandlerRunsHarmsNobody() throws {
        let gate = Gate()
        let handler: HTTPServer.Handler = { request in
            if request.path == "/slow" { gate.wait() }
            return .text("ok")
        }
        try withServer(handler: handler) { server in
            for index in 0..<20 {
                let client = try ClientConnection(server.address)
                client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(eventually { gate.arrived == index + 1 })
                client.leave(reset: index % 2 == 0)
            }
            #expect(server.answersOrdinarily())
            gate.open()
            #expect(server.answersOrdinarily())
        }
    }

    @Test func aClientThatStopsSendingStillGetsItsAnswer() throws {
        try withServer(handler: Self.handler) { server in
            let client = try ClientConnection(server.address)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            client.endSending()
            #expect(String(decoding: client.receiveToEnd(), as: UTF8.self).hasSuffix("\r\n\r\nok\n"))
        }
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointTesting
import Glibc
import MicroHTTP
import Testing

struct TimeoutTests {
    /// How long the server leaves a client alone that has sent this much; the idle timeout is one second.
    private func timeUntilClosed(_ sent: String, reading: Bool = false) throws -> Duration {
        try withServer(.loopback { $0.limits.idleSeconds = 1 }) { server in
            let client = try ClientConnection(server.address)
            client.send(sent)
            if reading { #expect(!client.receive().isEmpty) }
            let start = ContinuousClock.now
            #expect(eventually { client.isEnded })
            return ContinuousClock.now - start
        }
    }

    @Test(arguments: ["", "GET /ha", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"])
    func aSilentClientIsClosedAfterTheIdleTimeout(_ sent: String) throws {
        let time = try timeUntilClosed(sent)
        #expect(time > .milliseconds(900) && time < .seconds(4), "\(time)")
    }

    @Test func aKeptConnectionIsClosedAfterTheIdleTimeout() throws {
        let time = try timeUntilClosed("GET / HTTP/1.1\r\nHost: a\r\n\r\n", reading: true)
        #expect(time > .milliseconds(900) && time < .seconds(4), "\(time)")
    }

    @Test func aKeptConnectionThatIsUsedStaysOpen() throws {
        try withServer(.loopback { $0.limits.idleSeconds = 1 }) { server in
            let client = try ClientConnection(server.address)
            for _ in 0..<5 {
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(String(decoding: client.receive(), as: UTF8.self).hasPrefix("HTTP/1.1 200 "))
                usleep(400_000)  // the client's pace: below the timeout each, above it together
            }
        }
    }

    @Test func aHandlerMayTakeLongerThanTheIdleTimeout() throws {
        let handler: HTTPServer.Handler = { request in
            if request.path == "/slow" { usleep(2_500_000) }  // what the handler is made to take
            return .text("whole")
        }
        try withServer(.loopback { $0.limits.idleSeconds = 1 }, handler: handler) { server in
            let client = try ClientConnection(server.address)
            client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(String(decoding: client.receive(), as: UTF8.self).hasSuffix("\r\n\r\nwhole\n"))
            client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(String(decoding: client.receive(), as: UTF8.self).hasSuffix("\r\n\r\nwhole\n"), "and is kept")
            #expect(eventually { client.isEnded }, "and the timeout holds again")
        }
    }
}

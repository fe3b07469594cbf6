// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointTesting
import Glibc
import MicroHTTP
import Synchronization
import Testing

struct StopTests {
    private static func start(
        port: UInt16 = 0, handler: @escaping HTTPServer.Handler = { _ in .text("ok") }
    ) throws -> HTTPServer {
        try HTTPServer(HTTPServer.Configuration(address: .host("127.0.0.1", port: port)), handler: handler)
    }

    private static func isRefused(_ address: ListenAddress) -> Bool {
        do throws(ClientConnection.Refused) {
            _ = try ClientConnection(address)
            return false
        } catch {
            return error.errno == ECONNREFUSED
        }
    }

    @Test func anIdleServerStopsAtOnceAndItsPortIsFree() throws {
        var port: UInt16 = 0
        for _ in 0..<20 {
            let server = try Self.start(port: port)
            port = UInt16(server.port)
            #expect(server.answersOrdinarily())
            let time = ContinuousClock().measure { server.stop() }
            #expect(time < .milliseconds(500))
            #expect(Self.isRefused(server.address))
        }
    }

    @Test func stoppingAgainDoesNothing() throws {
        let server = try Self.start()
        server.stop()
        let next = try Self.start(port: UInt16(server.port))
        let time = ContinuousClock().measure { for _ in 0..<100 { server.stop() } }
        #expect(time < .milliseconds(500))
        #expect(next.answersOrdinarily(), "who took the port since is not disturbed")
        next.stop()
    }

    @Test func severalThreadsMayStopItTogether() throws {
        for _ in 0..<20 {
            let server = try Self.start()
            #expect(server.answersOrdinarily())
            let late = Atomic(0)
            onThreads(8) { _ in
                let time = ContinuousClock().measure { server.stop() }
                if time > .seconds(1) || !Self.isRefused(server.address) { late.wrappingAdd(1, ordering: .relaxed) }
            }
            #expect(late.load(ordering: .relaxed) == 0)
        }
    }

    @Test func slowHandlersDoNotKeepItFromStopping() throws {
        let gate = Gate()
        let ended = Atomic(0)
        let server = try Self.start { _ in
            gate.wait()
            ended.wrappingAdd(1, ordering: .relaxed)
            return .text("too late")
        }
        let clients = try (0..<3).map { _ in try ClientConnection(server.address) }
        for client in clients { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
        #expect(eventually { gate.arrived == 3 })
        let time = ContinuousClock().measure { server.stop() }
        #expect(time < .milliseconds(1200))
        #expect(ended.load(ordering: .relaxed) == 0, "the handlers were still running")
        #expect(Self.isRefused(server.address))
        for client in clients {
            #expect(eventually(within: .seconds(2)) { client.isEnded }, "a slow handler's client sees the end")
        }
        let next = try Self.start(port: UInt16(server.port))
        #expect(next.answersOrdinarily(), "the port can be bound again at once")
        gate.open()
        #expect(eventually { ended.load(ordering: .relaxed) == 3 }, "handlers run to their end")
        #expect(next.answersOrdinarily())
        next.stop()
    }

    @Test func whatTheHandlerHoldsIsReleasedWhenTheLastRequestHasEnded() throws {
        final class Holding: Sendable {}
        let gate = Gate()
        weak var held: Holding?
        var server: HTTPServer?
        do {
            let holding = Holding()
            held = holding
            server = try Self.start { [holding] _ in
                gate.wait()
                return withExtendedLifetime(holding) { .text("ok") }
            }
        }
        let client = try ClientConnection(try #require(server).address)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(eventually { gate.arrived == 1 })
        server?.stop()
        server = nil
        #expect(held != nil, "the handler still runs")
        gate.open()
        #expect(eventually { held == nil })
    }

    @Test func waitingAndKeptConnectionsSeeTheEnd() throws {
        let server = try Self.start()
        let kept = try ClientConnection(server.address)
        kept.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(!kept.receive().isEmpty)
        let silent = try ClientConnection(server.address)
        let half = try ClientConnection(server.address)
        half.send("GET /half")
        #expect(!kept.isEnded && !silent.isEnded && !half.isEnded)
        let time = ContinuousClock().measure { server.stop() }
        #expect(time < .milliseconds(500))
        #expect(eventually(within: .seconds(2)) { kept.isEnded && silent.isEnded && half.isEnded })
    }

    @Test func aServerNobodyKeepsGoesOn() throws {
        let port = try Self.start().port
        for _ in 0..<10 {
            let answer = try DebugClient(port: port).get("/")
            #expect(answer.status == 200)
        }
    }

    @Test func stoppingWhileClientsComeHarmsNobody() throws {
        for _ in 0..<10 {
            let server = try Self.start()
            let port = server.port
            let wrong = Atomic(0)
            let clients = (0..<4).map { _ in
                TestThread {
                    // Until the server is gone; each answer that comes is whole.
                    for _ in 0..<10_000 {
                        guard let answer = try? DebugClient(port: port).get("/") else { return }
                        if answer.status != 200 || answer.text != "ok\n" { wrong.wrappingAdd(1, ordering: .relaxed) }
                    }
                    wrong.wrappingAdd(1, ordering: .relaxed)
                }
            }
            #expect(server.answersOrdinarily())
            let time = ContinuousClock().measure { server.stop() }
            #expect(time < .seconds(1))
            for client in clients { client.join() }
            #expect(wrong.load(ordering: .relaxed) == 0)
        }
    }
}

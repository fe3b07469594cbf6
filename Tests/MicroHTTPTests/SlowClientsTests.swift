// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Clients that take every place without ever completing anything, and the ordinary client who must not care.
import DebugEndpointTesting
import Glibc
import MicroHTTP
import Synchronization
import Testing

struct SlowClientsTests {
    /// Opens connections and sends a byte over each every 300 ms until it is stopped; who is evicted comes back.
    private final class SlowCrowd: Sendable {
        private let isStopped = Atomic(false)
        private let evictions = Atomic(0)
        private let isStarted = Atomic(false)
        private let thread: Mutex<TestThread?>

        var isThere: Bool { isStarted.load(ordering: .relaxed) }
        var evicted: Int { evictions.load(ordering: .relaxed) }

        init(_ count: Int, _ address: ListenAddress, sending text: String) {
            thread = Mutex(nil)
            thread.withLock {
                $0 = TestThread { [self] in
                    let bytes = Array(text.utf8)
                    var crowd = (0..<count).compactMap { _ in try? ClientConnection(address) }
                    for (index, client) in crowd.enumerated() { client.send([bytes[index % bytes.count]]) }
                    var position = 0
                    while !isStopped.load(ordering: .relaxed) {
                        for index in crowd.indices {
                            let isTaken = crowd[index].send([bytes[position % bytes.count]])
                            if isTaken && !crowd[index].isEnded { continue }
                            evictions.wrappingAdd(1, ordering: .relaxed)
                            if let next = try? ClientConnection(address) { crowd[index] = next }
                        }
                        position += 1
                        isStarted.store(true, ordering: .relaxed)
                        usleep(300_000)  // the pace of the attack, no wait for a state
                    }
                }
            }
        }

        /// The crowd notices at its own pace.
        func waitForEviction() {
            eventually(within: .seconds(2)) { evicted > 0 }
        }

        func stop() {
            isStopped.store(true, ordering: .relaxed)
            thread.withLock { $0?.join() }
        }
    }

    /// How long an ordinary client waits beside a crowd, and whether some of the crowd had to go for it.
    private func wait(
        beside count: Int, limit: Int = 64, sending text: String, expectingEvictions: Bool
    ) throws -> (duration: Duration, evicted: Int) {
        try withServer(.loopback { $0.limits.connections = limit }) { server in
            let crowd = SlowCrowd(count, server.address, sending: text)
            defer { crowd.stop() }
            #expect(eventually { crowd.isThere })
            let start = ContinuousClock.now
            let answer = try server.client.get("/")
            #expect(answer.status == 200)
            let duration = ContinuousClock.now - start
            if expectingEvictions { crowd.waitForEviction() }
            return (duration, crowd.evicted)
        }
    }

    @Test(arguments: [64, 100])
    func clientsThatNeverCompleteARequestDoNotKeepOthersOut(_ count: Int) throws {
        let full = try wait(
            beside: count, sending: "GET /" + String(repeating: "x", count: 1000), expectingEvictions: true)
        #expect(full.duration < .seconds(5))
        #expect(full.evicted > 0, "the server was full: without taking places back it could not have answered")
    }

    @Test func clientsThatNeverCompleteABodyDoNotKeepOthersOut() throws {
        try withServer { server in
            let crowd = try (0..<64).map { _ in try ClientConnection(server.address) }
            for client in crowd { client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx") }
            let start = ContinuousClock.now
            #expect(server.answersOrdinarily())
            #expect(ContinuousClock.now - start < .seconds(5))
            #expect(crowd.contains { $0.isEnded }, "the server was full")
        }
    }

    @Test func slowClientsAreLeftAloneWhileThereIsRoom() throws {
        let notFull = try wait(
            beside: 60, sending: "GET /" + String(repeating: "x", count: 1000), expectingEvictions: false)
        #expect(notFull.duration < .seconds(1))
        #expect(notFull.evicted == 0)
    }

    @Test func keptConnectionsWithoutARequestMakeRoom() throws {
        try withServer { server in
            let idle = try (0..<64).map { _ in try ClientConnection(server.address) }
            for client in idle { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
            for client in idle { #expect(!client.receive().isEmpty) }
            let start = ContinuousClock.now
            #expect(server.answersOrdinarily())
            #expect(ContinuousClock.now - start < .seconds(5))
            #expect(idle.contains { $0.isEnded })
        }
    }

    @Test func aRunningHandlerIsNeverDisturbedWhileTheServerIsFull() throws {
        let gate = Gate()
        let handler: HTTPServer.Handler = { request in
            if request.path == "/slow" { gate.wait() }
            return .text("whole")
        }
        try withServer(.loopback { $0.limits.connections = 4 }, handler: handler) { server in
            let slow = try (0..<2).map { _ in try ClientConnection(server.address) }
            for client in slow { client.send("GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") }
            #expect(eventually { gate.arrived == 2 })
            let idle = try (0..<8).map { _ in try ClientConnection(server.address) }
            #expect(server.answersOrdinarily())
            #expect(idle.contains { $0.isEnded }, "the server was full and took places back")
            gate.open()
            for client in slow {
                let text = String(decoding: client.receiveToEnd(), as: UTF8.self)
                #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.hasSuffix("\r\n\r\nwhole\n"))
            }
        }
    }

    @Test func clientsThatDoNotReadTheirAnswerMakeRoomInTheEnd() throws {
        let handler: HTTPServer.Handler = { request in
            request.path == "/large"
                ? Response(contentType: "application/octet-stream", body: [UInt8](repeating: 0, count: 16 << 20))
                : .text("ok")
        }
        try withServer(.loopback { $0.limits.connections = 4 }, handler: handler) { server in
            let crowd = try (0..<4).map { _ in try ClientConnection(server.address) }
            for client in crowd { client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n") }
            let start = ContinuousClock.now
            #expect(server.answersOrdinarily())
            let waited = ContinuousClock.now - start
            #expect(waited > .seconds(5), "who reads slowly has some time")
            #expect(waited < .seconds(14))
        }
    }
}

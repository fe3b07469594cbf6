// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointTesting
import Glibc
import MicroHTTP
import Synchronization
import Testing

struct ConcurrentClientsTests {
    /// How many handlers run, and how many ever ran at once.
    private final class Load: Sendable {
        private let state = Mutex((now: 0, most: 0))

        var most: Int { state.withLock { $0.most } }

        func count<Result>(_ body: () -> Result) -> Result {
            state.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            defer { state.withLock { $0.now -= 1 } }
            return body()
        }
    }

    private static func page(of client: String) -> [UInt8] {
        Array(String(repeating: "for client \(client)\n", count: 5000).utf8)
    }

    @Test func fiveHundredClientsAtOnceAllGetTheirWholeAnswer() throws {
        let load = Load()
        let limit = 64
        let handler: HTTPServer.Handler = { request in
            load.count {
                // The first wave waits until the server is full, so that the limit really is met.
                eventually(within: .seconds(20)) { load.most >= limit }
                return Response(contentType: "application/octet-stream", body: Self.page(of: request.query[0].value))
            }
        }
        try withServer(.loopback { $0.limits.connections = limit }, handler: handler) { server in
            var clients: [(connection: ClientConnection, received: [UInt8])] = []
            for index in 0..<500 {
                let connection = try ClientConnection(server.address)
                connection.send("GET /?client=\(index) HTTP/1.1\r\nHost: a\r\n\r\n")
                clients.append((connection, []))
            }
            var isDone = Array(repeating: false, count: clients.count)
            let deadline = ContinuousClock.now + .seconds(60)
            while isDone.contains(false), ContinuousClock.now < deadline {
                var waiters = clients.indices.filter { !isDone[$0] }.map { index in
                    (index, pollfd(fd: clients[index].connection.descriptor, events: Int16(POLLIN), revents: 0))
                }
                var descriptors = waiters.map(\.1)
                guard poll(&descriptors, nfds_t(descriptors.count), 1000) > 0 else { continue }
                for (position, descriptor) in descriptors.enumerated() where descriptor.revents != 0 {
                    let index = waiters[position].0
                    let part = clients[index].connection.receive()
                    clients[index].received += part
                    // Keep-alive is allowed: an answer is complete when it has its announced length.
                    isDone[index] = part.isEmpty || Self.isComplete(clients[index].received, index)
                    if isDone[index] { clients[index].connection.leave() }
                }
                waiters = []
            }
            let wrong = clients.indices.filter { !Self.isComplete(clients[$0].received, $0) }
            #expect(wrong.isEmpty, "\(wrong.count) clients got less than their answer, the first \(wrong.prefix(5))")
            #expect(load.most == limit, "as many as the limit ran at once, and never more")
            #expect(server.answersToTheLast())
        }
    }

    private static func isComplete(_ received: [UInt8], _ client: Int) -> Bool {
        guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        return received.starts(with: Array("HTTP/1.1 200 OK\r\n".utf8))
            && Array(received[end.upperBound...]) == page(of: String(client))
    }

    @Test func manyThreadsOverKeptConnectionsMixNothingUp() throws {
        let failures = Atomic(0)
        let handler: HTTPServer.Handler = { .text("you asked for \($0.path)") }
        try withServer(handler: handler) { server in
            let address = server.address
            onThreads(16) { thread in
                guard let connection = try? ClientConnection(address) else {
                    failures.wrappingAdd(1000, ordering: .relaxed)
                    return
                }
                for round in 0..<50 {
                    connection.send("GET /\(thread)/\(round) HTTP/1.1\r\nHost: a\r\n\r\n")
                    var text = ""
                    while !text.hasSuffix("you asked for /\(thread)/\(round)\n") {
                        let part = connection.receive()
                        if part.isEmpty { break }
                        text += String(decoding: part, as: UTF8.self)
                    }
                    let isRight = text.hasPrefix("HTTP/1.1 200 ") && text.hasSuffix("for /\(thread)/\(round)\n")
                    if !isRight { failures.wrappingAdd(1, ordering: .relaxed) }
                }
            }
        }
        #expect(failures.load(ordering: .relaxed) == 0)
    }

    @Test func everyAnsweredRequestIsAuditedOnce() throws {
        let records = Mutex<[RequestRecord]>([])
        try withServer(.loopback { $0.audit = { record in records.withLock { $0.append(record) } } }) { server in
            let port = server.port
            onThreads(8) { thread in
                for round in 0..<25 { _ = try? DebugClient(port: port).get("/\(thread)/\(round)") }
            }
            let refused = try server.client.get("/%zz")
            #expect(refused.status == 400)
            #expect(eventually { records.withLock { $0.count } == 201 })
        }
        let paths = records.withLock { $0.map(\.path) }
        #expect(Set(paths).count == 201)
        #expect(records.withLock { $0.allSatisfy { $0.method == "GET" && $0.peer.hasPrefix("127.0.0.1:") } })
        #expect(records.withLock { $0.map(\.status).filter { $0 == 400 } } == [400])
    }
}

extension HTTPServer {
    /// Whether a client is answered now that the crowd has gone.
    fileprivate func answersToTheLast() -> Bool {
        (try? client.get("/?client=last").status) == 200
    }
}

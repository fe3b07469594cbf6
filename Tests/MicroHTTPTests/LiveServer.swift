// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointTesting
import MicroHTTP
import Synchronization
import Testing

/// Runs a server and stops it when `body` is done.
func withServer<Result>(
    _ configuration: HTTPServer.Configuration = .loopback(),
    handler: @escaping HTTPServer.Handler = { _ in .text("ok") },
    _ body: (HTTPServer) throws -> Result
) throws -> Result {
    let server = try HTTPServer(configuration, handler: handler)
    defer { server.stop() }
    return try body(server)
}

/// Names a handler in a call whose last closure is another.
func answering(_ handler: @escaping HTTPServer.Handler) -> HTTPServer.Handler { handler }

extension HTTPServer.Configuration {
    /// A loopback port that the kernel chooses, and what the test wants changed.
    static func loopback(_ change: (inout HTTPServer.Configuration) -> Void = { _ in }) -> HTTPServer.Configuration {
        var configuration = HTTPServer.Configuration(address: .host("127.0.0.1", port: 0))
        change(&configuration)
        return configuration
    }
}

extension HTTPServer {
    var port: Int {
        if case .host(_, let port) = address { Int(port) } else { 0 }
    }

    /// A client of this server, which must listen at 127.0.0.1.
    var client: DebugClient { DebugClient(port: port) }

    /// The answer to these bytes, sent as they are; the request should ask for the connection to be closed.
    func answer(to request: String) throws -> DebugClient.Answer {
        try client.exchange(Array(request.utf8))
    }

    /// Whether an ordinary client gets its ordinary answer.
    func answersOrdinarily() -> Bool {
        (try? client.get("/ordinary").status) == 200
    }
}

/// Keeps the requests that reached a handler.
final class RequestLog: Sendable {
    private let requests = Mutex<[Request]>([])

    var all: [Request] { requests.withLock { $0 } }

    /// A handler that keeps the request and answers 200.
    var handler: HTTPServer.Handler {
        { request in
            self.requests.withLock { $0.append(request) }
            return .text("ok")
        }
    }
}

/// A door that handlers wait at until the test opens it; at most a minute.
final class Gate: Sendable {
    private let state = Mutex((isOpen: false, waiting: 0))

    /// How many have come to the gate so far, let through or not.
    var arrived: Int { state.withLock { $0.waiting } }

    func wait() {
        state.withLock { $0.waiting += 1 }
        eventually(within: .seconds(60)) { state.withLock { $0.isOpen } }
    }

    func open() {
        state.withLock { $0.isOpen = true }
    }
}

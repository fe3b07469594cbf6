// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What libmicrohttpd calls. All callbacks get an unretained RequestHandling as context; HTTPServer keeps it alive until
// MHD_stop_daemon has returned, after which there are no calls. None of them may throw, trap or call stop().
import CMicroHTTPD
import Glibc

/// One request as the audit sees it.
package struct RequestRecord: Sendable {
    package let method: String
    package let path: String
    package let status: Int
    package let duration: Duration
    package let peer: String
}

final class RequestHandling: Sendable {
    private let configuration: HTTPServer.Configuration
    private let handler: HTTPServer.Handler
    private let table: ConnectionTable

    init(_ configuration: HTTPServer.Configuration, _ handler: @escaping HTTPServer.Handler) {
        self.configuration = configuration
        self.handler = handler
        table = ConnectionTable(limit: configuration.limits.connections)
    }

    func startDaemon(
        socket: Int32, context: UnsafeMutableRawPointer, pem: (certificate: [UInt8], key: [UInt8])?
    ) -> OpaquePointer? {
        var daemon = microhttpd_configuration(
            listening_socket: socket,
            connection_limit: UInt32(configuration.limits.connections),
            idle_timeout_seconds: UInt32(configuration.limits.idleSeconds),
            connection_memory: configuration.limits.headerBytes,
            private_key: nil, certificate: nil,
            context: context,
            access: { context, connection, _, method, _, part, partSize, exchange in
                RequestHandling.from(context).access(connection!, method!, part, partSize!, exchange!)
            },
            target: { _, target, _ in Unmanaged.passRetained(Exchange(target: target)).toOpaque() },
            completed: { context, connection, exchange, _ in
                RequestHandling.from(context).completed(connection!, exchange!)
            },
            connection: { context, connection, _, event in
                let table = RequestHandling.from(context).table
                if event == .CONNECTION_NOTIFY_STARTED { table.opened(connection!) } else { table.closed(connection!) }
            })
        guard let pem else { return microhttpd_start(&daemon) }
        return pem.certificate.withUnsafeBytes { certificate in
            pem.key.withUnsafeBytes { key in
                daemon.certificate = certificate.baseAddress?.assumingMemoryBound(to: CChar.self)
                daemon.private_key = key.baseAddress?.assumingMemoryBound(to: CChar.self)
                return microhttpd_start(&daemon)
            }
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> RequestHandling {
        Unmanaged.fromOpaque(context!).takeUnretainedValue()
    }

    /// Called on the connection's thread: once when the headers are there, for each part of a body, and once at its end.
    private func access(
        _ connection: OpaquePointer, _ method: UnsafePointer<CChar>, _ part: UnsafePointer<CChar>?,
        _ partSize: UnsafeMutablePointer<Int>, _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> MHD_Result {
        // From the target callback, which always comes first; retained until `completed`.
        let exchange = Unmanaged<Exchange>.fromOpaque(state.pointee!).takeUnretainedValue()
        if !exchange.isBegun {
            exchange.isBegun = true
            exchange.method = String(cString: method)
            return announcesTooLargeBody(connection) ? answerTooLarge(connection, exchange) : .YES
        }
        if partSize.pointee > 0 {
            exchange.append(
                UnsafeBufferPointer(start: part, count: partSize.pointee), limit: configuration.limits.bodyBytes)
            partSize.pointee = 0
            // A body without announced length is read past its limit so that a client can read the 413, but not for ever.
            return exchange.bodyBytesSeen > 16 * configuration.limits.bodyBytes ? .NO : .YES
        }
        if exchange.isHandled { return .YES }
        if exchange.bodyBytesSeen > configuration.limits.bodyBytes { return answerTooLarge(connection, exchange) }
        return answer(connection, exchange, handle(connection, exchange))
    }

    private func handle(_ connection: OpaquePointer, _ exchange: Exchange) -> Response {
        exchange.peer = Exchange.peer(of: connection)
        let target: RequestTarget
        do throws(RequestTarget.TargetProblem) {
            target = try RequestTarget(exchange.target)
        } catch {
            return .text(error.sentence, status: 400)
        }
        exchange.path = target.path
        let request = Request(
            method: exchange.method, path: target.path, query: target.query,
            headers: Exchange.headers(of: connection), body: exchange.body, peer: exchange.peer)
        // libmicrohttpd counts a handler's time as idle, and would drop the answer of one that took longer than that.
        microhttpd_set_timeout(connection, 0)
        defer { microhttpd_set_timeout(connection, UInt32(configuration.limits.idleSeconds)) }
        table.set(.handling, for: connection)
        return ContentCoding.apply(to: handler(request), for: request)
    }

    private func answer(_ connection: OpaquePointer, _ exchange: Exchange, _ response: Response) -> MHD_Result {
        exchange.isHandled = true
        exchange.status = response.status
        table.set(.sending(since: .now), for: connection)
        let queued = response.body.withUnsafeBytes { body in
            // libmicrohttpd copies the body, and reads it only, in spite of the pointer's type.
            MHD_create_response_from_buffer(
                body.count, UnsafeMutableRawPointer(mutating: body.baseAddress), .RESPMEM_MUST_COPY)
        }
        guard let queued else { return .NO }
        defer { MHD_destroy_response(queued) }
        var headers = response.headers
        headers.append(("Content-Type", response.contentType))
        headers.append(("X-Content-Type-Options", "nosniff"))
        headers.append(("Cache-Control", "no-store"))
        if table.isFull { headers.append(("Connection", "close")) }
        for (name, value) in headers { MHD_add_response_header(queued, name, value) }
        return MHD_queue_response(connection, UInt32(response.status), queued)
    }

    private func announcesTooLargeBody(_ connection: OpaquePointer) -> Bool {
        guard let announced = MHD_lookup_connection_value(connection, .HEADER_KIND, "Content-Length"),
            let length = UInt64(String(cString: announced))
        else { return false }
        return length > UInt64(configuration.limits.bodyBytes)
    }

    private func answerTooLarge(_ connection: OpaquePointer, _ exchange: Exchange) -> MHD_Result {
        let limit = configuration.limits.bodyBytes
        return answer(
            connection, exchange,
            .text("the request has a body of more than \(limit) bytes: send at most that", status: 413))
    }

    /// Called on the connection's thread once for each target that was announced, however the request ended.
    private func completed(_ connection: OpaquePointer, _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
        guard let pointer = state.pointee else { return }
        state.pointee = nil
        // Balances passRetained in the target callback.
        let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue()
        table.set(.receiving(since: .now), for: connection)
        guard exchange.isHandled, let audit = configuration.audit else { return }
        audit(
            RequestRecord(
                method: exchange.method, path: exchange.path, status: exchange.status,
                duration: ContinuousClock.now - exchange.started, peer: exchange.peer))
    }
}

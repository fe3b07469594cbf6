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
    /// Raised when the server is to stop.
    private let stopping: Event

    init(
        _ configuration: HTTPServer.Configuration, _ handler: @escaping HTTPServer.Handler, _ table: ConnectionTable,
        stopping: Event
    ) {
        self.configuration = configuration
        self.handler = handler
        self.table = table
        self.stopping = stopping
    }

    func startDaemon(
        context: UnsafeMutableRawPointer, pem: (certificate: [UInt8], key: [UInt8])?
    ) -> OpaquePointer? {
        var daemon = microhttpd_configuration(
            // The table holds the limit. libmicrohttpd counts a connection a little longer, so it gets some more.
            connection_limit: UInt32(configuration.limits.connections + 64),
            idle_timeout_seconds: UInt32(configuration.limits.idleSeconds),
            connection_memory: configuration.limits.headerBytes,
            private_key: nil, certificate: nil,
            context: context,
            access: { context, connection, _, method, version, part, partSize, exchange in
                RequestHandling.from(context).access(connection!, (method!, version!), part, partSize!, exchange!)
            },
            target: { context, target, _ in
                RequestHandling.from(context).configuration.onThread?()
                return Unmanaged.passRetained(Exchange(target: target)).toOpaque()
            },
            completed: { context, connection, exchange, _ in
                RequestHandling.from(context).completed(connection!, exchange!)
            },
            connection: { context, connection, state, event in
                RequestHandling.from(context).connectionChanged(connection!, state!, event)
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

    /// Called on libmicrohttpd's main thread, before the first and after the last use of the connection.
    private func connectionChanged(
        _ connection: OpaquePointer, _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>,
        _ event: MHD_ConnectionNotificationCode
    ) {
        if event == .CONNECTION_NOTIFY_STARTED {
            configuration.onThread?()
            let new = Connection(socket: microhttpd_socket(connection))
            state.pointee = Unmanaged.passRetained(new).toOpaque()  // released below
            table.opened(new)
        } else if let pointer = state.pointee {
            state.pointee = nil
            table.closed(Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue())
        }
    }

    /// Called on the connection's thread: once when the headers are there, for each part of a body, and once at its end.
    private func access(
        _ connection: OpaquePointer, _ line: (method: UnsafePointer<CChar>, version: UnsafePointer<CChar>),
        _ part: UnsafePointer<CChar>?,
        _ partSize: UnsafeMutablePointer<Int>, _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> MHD_Result {
        // From the target callback, which always comes first; retained until `completed`.
        let exchange = Unmanaged<Exchange>.fromOpaque(state.pointee!).takeUnretainedValue()
        if !exchange.isBegun {
            exchange.isBegun = true
            exchange.method = String(cString: line.method)
            exchange.version = String(cString: line.version)
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
        let headers = Exchange.headers(of: connection)
        let watch = watch(connection, exchange)
        defer { watch.end() }
        let request = Request(
            method: exchange.method, path: target.path, query: target.query, headers: headers, body: exchange.body,
            peer: exchange.peer, watch: watch)
        guard exchange.version == "HTTP/1.0" || request.header("Host") != nil else {
            return .text("the request has no Host header, which HTTP/1.1 requires: send one", status: 400)
        }
        // libmicrohttpd counts a handler's time as idle, and would drop the answer of one that took longer than that.
        microhttpd_set_timeout(connection, 0)
        defer { microhttpd_set_timeout(connection, UInt32(configuration.limits.idleSeconds)) }
        Connection.of(connection)?.enter(.handling)
        return ContentCoding.apply(to: handler(request), for: request)
    }

    private func watch(_ connection: OpaquePointer, _ exchange: Exchange) -> RequestWatch {
        let endOfSending: RequestWatch.EndOfSending =
            if configuration.tls != nil {
                .isTheEnd
            } else if case .unixSocket = configuration.address {
                .saysNothing
            } else {
                exchange.version == "HTTP/1.0" ? .saysNothing : .mustBeTried
            }
        return RequestWatch(socket: Connection.of(connection)?.socket ?? -1, stopping: stopping, endOfSending)
    }

    private func answer(_ connection: OpaquePointer, _ exchange: Exchange, _ response: Response) -> MHD_Result {
        exchange.isHandled = true
        exchange.status = response.status
        Connection.of(connection)?.enter(.sending)
        let body = Unmanaged.passRetained(SentBody(response.body))  // released when the last byte is sent
        let queued = body.takeUnretainedValue().bytes.withUnsafeBytes { bytes in
            // libmicrohttpd only reads, in spite of the pointer's type. The pointer outlives the closure because the array's
            // storage does not move: nobody changes it, and SentBody holds it until the callback.
            MHD_create_response_from_buffer_with_free_callback_cls(
                bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                { Unmanaged<SentBody>.fromOpaque($0!).release() }, body.toOpaque())
        }
        if queued == nil { body.release() }
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
        Connection.of(connection)?.enter(.receiving)
        guard exchange.isHandled, let audit = configuration.audit else { return }
        audit(
            RequestRecord(
                method: exchange.method, path: exchange.path, status: exchange.status,
                duration: ContinuousClock.now - exchange.started, peer: exchange.peer))
    }
}

/// The bytes of an answer for as long as libmicrohttpd sends them.
private final class SentBody {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }
}

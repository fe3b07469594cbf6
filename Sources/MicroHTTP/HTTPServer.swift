// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CMicroHTTPD
import Glibc

/// A blocking HTTP/1.1 server: a thread for each connection, a handler that takes a request and returns a response.
///
/// Nothing between accept and reply uses Swift concurrency or Dispatch, so it answers when those are stuck. It runs from
/// `start` until `stop`, whether or not anybody keeps the object.
package final class HTTPServer: Sendable {
    package typealias Handler = @Sendable (Request) -> Response

    package struct Configuration: Sendable {
        package var address: ListenAddress
        package var limits = ServerLimits()
        package var tls: TLSFiles?
        /// Called after each request, on its connection's thread.
        package var audit: (@Sendable (RequestRecord) -> Void)?
        /// Called on each thread of the server as soon as there is a chance to, and again before each request: for who wants to
        /// know them. It must not take long.
        package var onThread: (@Sendable () -> Void)?

        package init(address: ListenAddress) {
            self.address = address
        }
    }

    /// The address clients use, with the port that the kernel chose if it was 0.
    package let address: ListenAddress

    private let acceptor: Acceptor
    private let stopping: Event
    private let stopped: Event

    /// - Throws: ``HTTPServerError`` with a sentence; nothing is left behind then.
    package init(_ configuration: Configuration, handler: @escaping Handler) throws(HTTPServerError) {
        guard (1...10_000).contains(configuration.limits.connections) else {
            throw .limitOutOfRange(
                "a connection limit of \(configuration.limits.connections) was asked for: give 1 to 10000 (default 64)")
        }
        let pem = try configuration.tls.map { (files) throws(HTTPServerError) in
            (certificate: try Self.read(files.certificate), key: try Self.read(files.privateKey))
        }
        let wake = try Event()
        let stopping = try Event()
        let stopped = try Event()
        let listener = try ListeningSocket.open(configuration.address)
        let table = ConnectionTable(limit: configuration.limits.connections, freed: wake)
        let requests = RequestHandling(configuration, handler, table, stopping: stopping)
        let context = Unmanaged.passRetained(requests)  // released once MHD_stop_daemon has returned
        let pointer = ServiceThread.withSignalsBlocked { requests.startDaemon(context: context.toOpaque(), pem: pem) }
        guard let pointer else {
            context.release()
            listener.close()
            if let tls = configuration.tls {
                throw .certificateRefused(certificate: tls.certificate, privateKey: tls.privateKey)
            }
            throw .daemonRefused
        }
        let daemon = Acceptor.Daemon(pointer: pointer)
        let acceptor = Acceptor(listener, daemon, table, wake: wake)
        let isStarted = ServiceThread.start("debug-http") {
            configuration.onThread?()
            acceptor.run()
            listener.close()
            // MHD_stop_daemon would break the connections at once. Handlers that look at their request's `interruption`
            // answer first; together with the joining it fits into the time that `stop` takes.
            table.waitForAnswers(milliseconds: 500)
            MHD_stop_daemon(daemon.pointer)  // joins every connection's thread
            Unmanaged.passUnretained(requests).release()
            stopped.raise()
        }
        guard isStarted else {
            listener.close()
            MHD_stop_daemon(pointer)
            context.release()
            throw .daemonRefused
        }
        address = listener.address
        self.acceptor = acceptor
        self.stopping = stopping
        self.stopped = stopped
    }

    /// Stops listening at once, lets running handlers end and closes every connection. Returns when all is done, but
    /// within a second at most: what a slow handler still holds is released when it ends. Answers that are not out after
    /// half a second are lost; handlers learn of it from ``Request/interruption``. May be called again, from any thread.
    package func stop() {
        stopping.raise()
        acceptor.stop()
        stopped.wait(milliseconds: 900)
    }

    private static func read(_ path: String) throws(HTTPServerError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .fileUnreadable(path, errno: errno) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glibc.read(descriptor, &part, part.count)
            if count < 0 { throw .fileUnreadable(path, errno: errno) }
            if count == 0 { return content + [0] }  // libmicrohttpd takes a C string
            content += part[..<count]
        }
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CMicroHTTPD
import Glibc
import Synchronization

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

        package init(address: ListenAddress) {
            self.address = address
        }
    }

    /// The address clients use, with the port that the kernel chose if it was 0.
    package var address: ListenAddress { socket.address }

    private let socket: ListeningSocket
    private let daemon: Daemon
    private let requests: RequestHandling
    private let isStopping = Atomic(false)
    private let stopped: StopSignal

    private struct Daemon: @unchecked Sendable {  // Safe: its functions may be called from any thread.
        let pointer: OpaquePointer
    }

    /// - Throws: ``HTTPServerError`` with a sentence; nothing is left behind then.
    package init(_ configuration: Configuration, handler: @escaping Handler) throws(HTTPServerError) {
        guard (1...10_000).contains(configuration.limits.connections) else {
            throw .limitOutOfRange(
                "a connection limit of \(configuration.limits.connections) was asked for: give 1 to 10000 (default 64)")
        }
        let pem = try configuration.tls.map { (files) throws(HTTPServerError) in
            (certificate: try Self.read(files.certificate), key: try Self.read(files.privateKey))
        }
        stopped = try StopSignal()
        let socket = try ListeningSocket.open(configuration.address)
        let requests = RequestHandling(configuration, handler)
        let context = Unmanaged.passRetained(requests)  // released once MHD_stop_daemon has returned
        let pointer = ServiceThread.withSignalsBlocked {
            requests.startDaemon(socket: socket.descriptor, context: context.toOpaque(), pem: pem)
        }
        guard let pointer else {
            context.release()
            socket.removeFile()
            close(socket.descriptor)
            if let tls = configuration.tls {
                throw .certificateRefused(certificate: tls.certificate, privateKey: tls.privateKey)
            }
            throw .daemonRefused
        }
        self.socket = socket
        self.requests = requests
        daemon = Daemon(pointer: pointer)
    }

    /// Stops listening at once, lets running handlers end and closes every connection. Returns when all is done, but
    /// within a second at most: what a slow handler still holds is released when it ends. May be called again, from
    /// anywhere but a handler.
    package func stop() {
        if isStopping.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged {
            socket.removeFile()
            _ = MHD_quiesce_daemon(daemon.pointer)
            // A listener that is shut down refuses clients; its number stays taken until libmicrohttpd has let go of it.
            shutdown(socket.descriptor, Int32(SHUT_RDWR))
            let release: @Sendable () -> Void = { [daemon, socket, requests, stopped] in
                MHD_stop_daemon(daemon.pointer)
                close(socket.descriptor)
                Unmanaged.passUnretained(requests).release()
                stopped.raise()
            }
            if !ServiceThread.start("debug-http-stop", release) { release() }
        }
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

/// Something that happens once and that several threads wait for.
private final class StopSignal: Sendable {
    private let event: Int32

    init() throws(HTTPServerError) {
        event = eventfd(0, Int32(EFD_CLOEXEC))
        guard event >= 0 else { throw .systemRefused(call: "eventfd", errno: errno) }
    }

    deinit { close(event) }

    func raise() {
        eventfd_write(event, 1)
    }

    func wait(milliseconds: Int32) {
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        while true {
            let left = (deadline - .now) / .milliseconds(1)
            var waiter = pollfd(fd: event, events: Int16(POLLIN), revents: 0)
            if poll(&waiter, 1, Int32(max(0, left))) >= 0 || errno != EINTR { return }
        }
    }
}

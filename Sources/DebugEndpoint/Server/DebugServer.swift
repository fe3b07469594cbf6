// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import Glibc
import HeapProfile
import MicroHTTP

/// A running diagnostics endpoint.
///
/// It has threads of its own and uses neither Swift concurrency nor Dispatch, so it answers when those are stuck. It runs
/// from `start` until `stop`, whether or not anybody keeps the object. Several may run in one process.
public final class DebugServer: Sendable {
    private let server: HTTPServer
    private let isSecure: Bool
    private let watch: LeakWatch?
    private let probe: SchedulingProbeThread.Use?

    /// Starts a server and returns once it accepts connections.
    ///
    /// Without arguments it listens at `http://127.0.0.1:6060/debug/` and shows ``VariableRegistry/shared``.
    /// - Throws: ``DebugServerError`` when the address is taken, not permitted or not protected, or TLS files are unusable.
    public static func start(_ configuration: Configuration = Configuration()) throws(DebugServerError) -> DebugServer {
        try AllocationSampling.counting(asOwn: true) { () throws(DebugServerError) in try DebugServer(configuration) }
    }

    /// Starts a server at the address in the environment variable `DEBUG_ENDPOINT`: `host:port`, `[IPv6]:port` or
    /// `unix:/path`. With `DEBUG_ENDPOINT_TOKEN` every request must carry that bearer token. The rest is as in
    /// `configuration`. `DEBUG_ENDPOINT_TRACE` holds with or without a server, as after ``start(_:)``.
    /// - Returns: nil when the variable is not set or empty.
    /// - Throws: ``DebugServerError``, also when the variable cannot be understood.
    public static func startFromEnvironment(
        _ configuration: Configuration = Configuration()
    ) throws(DebugServerError) -> DebugServer? {
        TraceLines.beginOnce(configuration.log)
        guard let text = getenv("DEBUG_ENDPOINT").map({ String(cString: $0) }), !text.isEmpty else { return nil }
        var configuration = configuration
        configuration.address = try Address(parsing: text)
        if let token = getenv("DEBUG_ENDPOINT_TOKEN").map({ String(cString: $0) }), !token.isEmpty {
            configuration.access = .bearerToken(token)
        }
        return try start(configuration)
    }

    private init(_ configuration: Configuration) throws(DebugServerError) {
        let access = try AccessPolicy(configuration)
        try Self.check(heapSamplingRate: configuration.heapSamplingRate)
        try Self.check(interval: configuration.leakScans?.interval)
        let endpoint = Endpoint(configuration)
        var http = HTTPServer.Configuration(address: configuration.address.listenAddress)
        http.tls = configuration.tls.map { TLSFiles(certificate: $0.certificate, privateKey: $0.privateKey) }
        http.limits.connections = configuration.connectionLimit
        if let onRequest = configuration.onRequest {
            http.audit = { record in AllocationSampling.counting(asOwn: false) { onRequest(RequestRecord(record)) } }
        }
        http.onThread = { AllocationSampling.markThreadAsOwn() }
        if let rate = configuration.heapSamplingRate { AllocationSampling.setRate(rate) }
        let log = configuration.log
        let handler: HTTPServer.Handler = { request in
            if let refusal = access.refusal(of: request) { return refusal }
            return RouteTable.answer(request, endpoint)
        }
        do throws(HTTPServerError) {
            watch = try configuration.leakScans.map { scans throws(HTTPServerError) in try LeakWatch(scans, log: log) }
            server = try HTTPServer(http, handler: handler)
        } catch {
            throw DebugServerError(error)
        }
        isSecure = configuration.tls != nil
        if watch?.start() == false { log("no scans for leaks: there is no thread for them") }
        probe = configuration.schedulingProbe ? SchedulingProbeThread.begin() : nil
        TraceLines.beginOnce(configuration.log)
        AsyncCodeReading.beginOnce()
        configuration.registry.onProblem { problem in
            // Quoted, so that a name with a line end in it is one line all the same.
            var name = TextWriter(capacity: 64)
            name.write(json: .string(problem.variable))
            log("variable \(String(decoding: name.finish(), as: UTF8.self)): \(problem.sentence)")
        }
    }

    private static func check(interval: Duration?) throws(DebugServerError) {
        guard let interval, !LeakWatch.intervals.contains(interval) else { return }
        throw DebugServerError(
            .invalidConfiguration, "scans for leaks every \(interval) were asked for: give 1 second to 365 days")
    }

    private static func check(heapSamplingRate rate: Int?) throws(DebugServerError) {
        guard let rate, !AllocationSampling.rates.contains(rate) else { return }
        throw DebugServerError(
            .invalidConfiguration,
            "a heap sampling rate of \(rate) bytes was asked for: give 0 to \(AllocationSampling.rates.upperBound) "
                + "(default \(AllocationSampling.defaultRate))")
    }

    /// Where to point a browser or curl: `http://127.0.0.1:6060/debug/`, or `unix:/path` for a socket.
    public var url: String {
        switch server.address {
        case .host(let host, let port):
            "\(isSecure ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)/debug/"
        case .unixSocket(let path): "unix:" + path
        }
    }

    /// The TCP port, the real one when 0 was asked for; 0 for a Unix socket.
    public var port: Int {
        if case .host(_, let port) = server.address { Int(port) } else { 0 }
    }

    /// Stops listening and closes every connection. Returns within a second even while slow requests run; their threads
    /// end with them. May be called again and from any thread.
    public func stop() {
        watch?.stop()
        probe?.end()
        server.stop()
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
public import DebugVariables
import Glibc
import MicroHTTP

extension DebugServer {
    /// Everything a server can be told. The defaults are safe: loopback only, secrets in arguments hidden.
    public struct Configuration: Sendable {
        public var address: Address

        /// The variables to show.
        public var registry: VariableRegistry

        /// Who may ask.
        public var access: Access

        /// Host names that requests to a loopback address may carry besides `localhost` and the loopback addresses. Others
        /// are refused, because a web page can point a name of its own at 127.0.0.1 (DNS rebinding).
        public var allowedHosts: [String]

        /// Serves HTTPS with this certificate.
        public var tls: TLS?

        /// How `cmdline` shows the process's arguments.
        public var arguments: Arguments = .secretsHidden

        /// At most so many connections are open; more wait in the kernel's queue.
        public var connectionLimit = 64

        /// One allocation for each so many bytes, on average, is noted with its stack, for heap profiles; 1 takes every
        /// allocation, 0 none. Nil leaves it as it is, which is 524 288 from the process's first allocation on. Holds for the
        /// whole process; what was noted before stays.
        public var heapSamplingRate: Int?

        /// Looks for threads and tasks that wait for ever without being asked. Nil: only when somebody asks.
        public var leakScans: LeakScans?

        /// Measures how long jobs wait in Swift's cooperative pool, the main queue and a global queue of Dispatch, by a tiny job
        /// a second in each: the metrics `/sched/latencies/`. Off unless set, as it is the one thing here that takes part in what
        /// it watches.
        public var schedulingProbe = false

        /// Called after each request, on the request's thread, for auditing. It must not block for long.
        public var onRequest: (@Sendable (RequestRecord) -> Void)?

        /// Takes one line for each problem; standard error unless set.
        public var log: @Sendable (String) -> Void = { line in
            let bytes = Array(("debug-endpoint: " + line + "\n").utf8)
            _ = write(STDERR_FILENO, bytes, bytes.count)
        }

        public init(
            address: Address = .loopback(), registry: VariableRegistry = .shared, access: Access = .loopbackOnly,
            allowedHosts: [String] = [], tls: TLS? = nil
        ) {
            self.address = address
            self.registry = registry
            self.access = access
            self.allowedHosts = allowedHosts
            self.tls = tls
        }
    }

    /// Scans for leaks now and then, from the server's start to its stop.
    ///
    /// Each is what a request to `/debug/leaks` is: it stops nobody, and takes some 50 ms of one processor for 50 MiB of memory.
    /// New leaks are also a line in the log.
    public struct LeakScans: Sendable {
        /// From the end of one to the beginning of the next: 1 second to a year.
        public var interval: Duration
        /// Called after each scan with its report, and with those leaks of it that the scan before did not have; on a thread of
        /// its own, named `debug-leaks`. The next scan waits until it returns.
        public var onReport: @Sendable (_ report: LeakReport, _ new: [Leak]) -> Void

        public init(
            every interval: Duration,
            onReport: @escaping @Sendable (_ report: LeakReport, _ new: [Leak]) -> Void = { _, _ in }
        ) {
            self.interval = interval
            self.onReport = onReport
        }
    }

    /// Where a server listens.
    public enum Address: Sendable, Equatable {
        /// 127.0.0.1; port 0 lets the kernel choose.
        case loopback(port: Int = 6060)

        /// An address or name of this machine, IPv4 or IPv6, without brackets.
        case host(String, port: Int)

        /// A socket file with mode 0600. A stale one is replaced, a live one refused.
        case unixSocket(String)
    }

    /// Who may ask.
    public enum Access: Sendable, Equatable {
        /// Anybody on this machine; an address that others can reach is refused.
        case loopbackOnly

        /// Whoever sends `Authorization: Bearer` with this token. Use TLS where others can listen in.
        case bearerToken(String)

        /// Anybody who can reach the address, with any Host header.
        case unprotected
    }

    /// How the process's arguments are shown.
    public enum Arguments: Sendable, Equatable {
        /// Values of arguments whose names contain password, token, key, secret, auth or credential, and passwords in
        /// URLs, are replaced by `[hidden]`.
        case secretsHidden
        case all
        /// The program's name only.
        case none
    }

    /// PEM files of a certificate chain and its unencrypted private key.
    public struct TLS: Sendable, Equatable {
        public var certificate: String
        public var privateKey: String

        public init(certificate: String, privateKey: String) {
            self.certificate = certificate
            self.privateKey = privateKey
        }
    }

    /// One request that was answered.
    public struct RequestRecord: Sendable {
        public let method: String

        /// The path without its query, percent-decoded: as the client sent it, so quote it where you print it.
        public let path: String
        public let status: Int

        /// From the request line to the last byte handed to the kernel.
        public let duration: Duration

        /// The client's address and port, or `unix`.
        public let peer: String

        init(_ record: MicroHTTP.RequestRecord) {
            method = record.method
            path = record.path
            status = record.status
            duration = record.duration
            peer = record.peer
        }
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

enum InternetAddress {
    /// Connects within a second, after the time that resolving takes. Of several addresses an IPv4 one is taken, as agents
    /// listen on 127.0.0.1 and localhost is often ::1 first.
    static func connect(_ host: String, _ port: UInt16, type: Int32) throws(SocketProblem) -> Int32 {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICSERV
        hints.ai_socktype = type
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let first = found else {
            throw SocketProblem(unresolvable: host)
        }
        defer { freeaddrinfo(found) }
        var chosen = first
        var next: UnsafeMutablePointer<addrinfo>? = first
        while let candidate = next {
            if candidate.pointee.ai_family == AF_INET {
                chosen = candidate
                break
            }
            next = candidate.pointee.ai_next
        }
        let descriptor = try SocketType.open(chosen.pointee.ai_family, type)
        var failure: Int32 = 0
        if Glibc.connect(descriptor, chosen.pointee.ai_addr, chosen.pointee.ai_addrlen) != 0 { failure = errno }
        if failure == EINPROGRESS || failure == EINTR { failure = outcome(descriptor) }
        guard failure == 0 else {
            close(descriptor)
            throw SocketProblem("\(host):\(port) cannot be reached", errno: failure)
        }
        return descriptor
    }

    /// How a connection that was under way has ended.
    private static func outcome(_ descriptor: Int32) -> Int32 {
        guard SocketWait.wait(descriptor, for: POLLOUT, until: .now + .seconds(1)) else { return ETIMEDOUT }
        var failure: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &length) == 0 ? failure : errno
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Why a socket could not be had or used; the agent may come back, so this is waited out.
struct SocketProblem: Error, Equatable, CustomStringConvertible {
    let errno: Int32
    let description: String

    init(_ what: String, errno: Int32) {
        self.errno = errno
        description = "\(what): \(String(cString: strerror(errno))) (errno \(errno))"
    }

    init(unresolvable host: String) {
        errno = EHOSTUNREACH
        description = "the host \"\(host)\" cannot be resolved"
    }
}

enum SocketType {
    static let datagram = Int32(SOCK_DGRAM.rawValue)
    static let stream = Int32(SOCK_STREAM.rawValue)

    /// A socket that never blocks, is closed by exec, and does not take the place of a standard stream.
    static func open(_ family: Int32, _ type: Int32) throws(SocketProblem) -> Int32 {
        let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, type | flags, 0)
        guard descriptor >= 0 else { throw SocketProblem("no socket to be had", errno: errno) }
        guard descriptor <= STDERR_FILENO else { return descriptor }
        defer { close(descriptor) }
        let higher = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
        guard higher >= 0 else { throw SocketProblem("no socket to be had", errno: errno) }
        return higher
    }
}

enum SocketWait {
    /// Waits until the descriptor is ready, has an error or was closed by the other side; false at the deadline.
    static func wait(_ descriptor: Int32, for events: Int32, until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            var waiter = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
            let ready = poll(&waiter, 1, milliseconds(until: deadline))
            if ready > 0 { return true }
            if ready == 0 || errno != EINTR { return false }
        }
    }

    /// What `poll` takes: rounded up, so that nobody wakes before the deadline; an hour at most.
    static func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { return 0 }
        guard left < .seconds(3600) else { return 3_600_000 }
        return Int32(
            left.components.seconds * 1000 + (left.components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        )
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// A system call that waits for something that never comes, and that any signal with a handler breaks, SA_RESTART or not.
struct BlockingCall: Sendable {
    let name: String
    /// For a timeout in milliseconds what makes the call: below 0 with `errno` where it fails.
    let make: @Sendable (_ milliseconds: Int) -> () -> Int

    static let all = [
        BlockingCall(name: "poll") { milliseconds in
            let silent = openPipe().reading
            return {
                var descriptor = pollfd(fd: silent, events: Int16(POLLIN), revents: 0)
                return Int(poll(&descriptor, 1, Int32(milliseconds)))
            }
        },
        BlockingCall(name: "epoll_wait") { milliseconds in
            let epoll = HiddenFunctions.makeEpoll()
            return { Int(HiddenFunctions.waitForEvent(epoll, Int32(milliseconds))) }
        },
        BlockingCall(name: "select") { milliseconds in
            return {
                var limit = interval(milliseconds)
                return Int(select(0, nil, nil, nil, &limit))
            }
        },
        BlockingCall(name: "nanosleep") { milliseconds in
            return {
                var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
                return Int(nanosleep(&time, nil))
            }
        },
        BlockingCall(name: "clock_nanosleep") { milliseconds in
            return {
                var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
                // It returns its error instead of setting it.
                let error = clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nil)
                errno = error
                return error == 0 ? 0 : -1
            }
        },
        BlockingCall(name: "sem_timedwait") { milliseconds in
            let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
            sem_init(semaphore, 0, 0)
            return {
                var time = timespec()
                clock_gettime(CLOCK_REALTIME, &time)
                let nanoseconds = time.tv_nsec + milliseconds % 1000 * 1_000_000
                time.tv_sec += milliseconds / 1000 + nanoseconds / 1_000_000_000
                time.tv_nsec = nanoseconds % 1_000_000_000
                return Int(sem_timedwait(semaphore, &time))
            }
        },
        BlockingCall(name: "accept") { milliseconds in
            let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            // Of two bytes: the kernel makes up an abstract name.
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = bind(listener, $0, 2) }
            }
            listen(listener, 1)
            setTimeout(listener, milliseconds)
            return { Int(accept(listener, nil, nil)) }
        },
        BlockingCall(name: "read") { milliseconds in
            let socket = silentSocket(milliseconds)
            return {
                var byte: UInt8 = 0
                return read(socket, &byte, 1)
            }
        },
        BlockingCall(name: "recv") { milliseconds in
            let socket = silentSocket(milliseconds)
            return {
                var byte: UInt8 = 0
                return recv(socket, &byte, 1, 0)
            }
        },
    ]

    private static func silentSocket(_ milliseconds: Int) -> Int32 {
        var ends: [Int32] = [0, 0]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
        setTimeout(ends[0], milliseconds)
        return ends[0]
    }

    private static func setTimeout(_ socket: Int32, _ milliseconds: Int) {
        var limit = interval(milliseconds)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    private static func interval(_ milliseconds: Int) -> timeval {
        timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
    }
}

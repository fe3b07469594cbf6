// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CMicroHTTPD
import Glibc

/// Something that threads wait for, as a descriptor that can be polled together with others.
final class Event: Sendable {
    let descriptor: Int32

    init() throws(HTTPServerError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw .systemRefused(call: "eventfd", errno: errno) }
    }

    deinit { close(descriptor) }

    /// Wakes all who wait, now and later, until it is cleared.
    func raise() {
        eventfd_write(descriptor, 1)
    }

    func clear() {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
    }

    func wait(milliseconds: Int32) {
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        while true {
            let left = (deadline - .now) / .milliseconds(1)
            var waiter = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&waiter, 1, Int32(max(0, left))) >= 0 || errno != EINTR { return }
        }
    }
}

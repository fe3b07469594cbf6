// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CMicroHTTPD
import Glibc

/// Something that threads wait for, as a descriptor that can be polled together with others.
package final class Event: Sendable {
    package let descriptor: Int32

    package init() throws(HTTPServerError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw .systemRefused(call: "eventfd", errno: errno) }
    }

    deinit { close(descriptor) }

    /// Wakes all who wait, now and later, until it is cleared.
    package func raise() {
        eventfd_write(descriptor, 1)
    }

    func clear() {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
    }

    package func wait(milliseconds: Int32) {
        _ = wait(for: .milliseconds(milliseconds))
    }

    /// Returns whether it was raised before the time was over.
    package func wait(for duration: Duration) -> Bool {
        let deadline = ContinuousClock.now + duration
        while true {
            let left = max(0, ((deadline - .now) / .milliseconds(1)).rounded(.up))
            var waiter = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // A poll is no longer than some 24 days.
            let count = poll(&waiter, 1, Int32(min(left, 1e9)))
            if count > 0 { return true }
            if count < 0 && errno != EINTR || count == 0 && left <= 1e9 { return false }
        }
    }
}

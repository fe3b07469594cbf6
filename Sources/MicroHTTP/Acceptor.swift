// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CMicroHTTPD
import Glibc
import Synchronization

/// The thread that accepts connections and hands them to libmicrohttpd, until it is told to stop.
///
/// While the server is full it accepts nobody: clients wait in the kernel's queue and lose nothing. Then it wakes four
/// times a second to end connections that only wait; else it sleeps until something happens.
final class Acceptor: Sendable {
    private let listener: ListeningSocket
    private let daemon: Daemon
    private let table: ConnectionTable
    private let wake: Event
    private let isStopping = Atomic(false)

    /// libmicrohttpd's daemon.
    struct Daemon: @unchecked Sendable {  // Safe: its functions may be called from any thread.
        let pointer: OpaquePointer
    }

    init(_ listener: ListeningSocket, _ daemon: Daemon, _ table: ConnectionTable, wake: Event) {
        self.listener = listener
        self.daemon = daemon
        self.table = table
        self.wake = wake
    }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        wake.raise()
    }

    /// Returns once `stop` was called.
    func run() {
        while !isStopping.load(ordering: .relaxed) {
            let isFull = table.isFull
            if isFull { table.endOverdue() }
            var waiting = [pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)]
            if !isFull { waiting.append(pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)) }
            guard poll(&waiting, nfds_t(waiting.count), isFull ? 250 : -1) > 0 else { continue }
            if waiting[0].revents != 0 { wake.clear() }
            if !isFull, waiting[1].revents != 0 { acceptOne() }
        }
    }

    private func acceptOne() {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let socket = microhttpd_accept(listener.descriptor, address, &length)
                guard socket >= 0 else { return pauseAfter(errno) }
                table.takePlace()
                // Closes the socket itself when it fails.
                if MHD_add_connection(daemon.pointer, socket, address, length) != .YES { table.givePlaceBack() }
            }
        }
    }

    /// Without descriptors or memory the listener stays ready, and to try again at once would only burn a processor.
    private func pauseAfter(_ error: Int32) {
        guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error) else { return }
        wake.wait(milliseconds: 100)
    }
}

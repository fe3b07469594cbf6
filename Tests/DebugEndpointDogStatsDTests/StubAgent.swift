// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Synchronization

/// An agent that keeps what it receives, can be slow, and can go away and come back.
final class StubAgent: Sendable {
    enum Kind: Sendable {
        case udp, unixDatagram, unixStream
    }

    let kind: Kind
    let path: String
    /// Of UDP.
    let port: UInt16
    private let descriptor: Int32
    private let state = Mutex(State())
    private let isReading: Atomic<Bool>
    private let isStopped = Atomic(false)
    private let isDone = DispatchSemaphore(value: 0)

    private struct State {
        var payloads: [[UInt8]] = []
        var connections = 0
        /// What a stream sent that was no whole frame when it ended.
        var brokenFrames = 0
    }

    /// - Parameter isReading: whether it takes anything before ``read()`` is called.
    init(_ kind: Kind, path: String = "", port: UInt16 = 0, isReading: Bool = true) throws {
        self.kind = kind
        self.path = path
        self.isReading = Atomic(isReading)
        let type = kind == .unixStream ? SOCK_STREAM : SOCK_DGRAM
        let socket =
            kind == .udp ? try BoundSocket(type: type, port: port) : try BoundSocket(type: type, path: path)
        descriptor = socket.descriptor
        self.port = socket.port
        if kind == .udp {
            var size: Int32 = 4 << 20
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        Thread { [self] in run() }.start()
    }

    var address: String {
        switch kind {
        case .udp: "127.0.0.1:\(port)"
        case .unixDatagram, .unixStream: "unix://" + path
        }
    }

    var payloads: [[UInt8]] { state.withLock { $0.payloads } }
    var connections: Int { state.withLock { $0.connections } }
    var brokenFrames: Int { state.withLock { $0.brokenFrames } }

    /// Every line received, each of which must be as the grammar says.
    func lines() throws -> [StrictLine] {
        try payloads.flatMap { try StrictLine.lines(of: $0, limit: kind == .udp ? 1432 : 8192) }
    }

    /// The text of every payload, one after the other.
    var text: String { String(decoding: payloads.joined(), as: UTF8.self) }

    func read() { isReading.store(true, ordering: .relaxed) }
    func pause() { isReading.store(false, ordering: .relaxed) }
    func forget() { state.withLock { $0.payloads = [] } }

    /// Closes its sockets and removes the file, as an agent that ends.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        isDone.wait()
    }

    private func run() {
        var streams: [Int32: [UInt8]] = [:]
        var part = [UInt8](repeating: 0, count: 65536)
        while !isStopped.load(ordering: .relaxed) {
            guard isReading.load(ordering: .relaxed) else {
                usleep(1000)
                continue
            }
            var waiters = ([descriptor] + streams.keys).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            poll(&waiters, nfds_t(waiters.count), 5)
            if kind != .unixStream {
                let count = recv(descriptor, &part, part.count, Int32(MSG_DONTWAIT))
                if count > 0 { state.withLock { $0.payloads.append(Array(part[..<count])) } }
                continue
            }
            if waiters[0].revents != 0 {
                let accepted = accept(descriptor, nil, nil)
                streams[accepted] = []
                state.withLock { $0.connections += 1 }
            }
            for stream in streams.keys {
                let count = recv(stream, &part, part.count, Int32(MSG_DONTWAIT))
                if count > 0 {
                    let rest = takeFrames((streams[stream] ?? []) + part[..<count])
                    streams[stream] = rest
                } else if count == 0 {
                    if streams[stream]?.isEmpty == false { state.withLock { $0.brokenFrames += 1 } }
                    streams[stream] = nil
                    close(stream)
                }
            }
        }
        for stream in streams.keys { close(stream) }
        close(descriptor)
        if kind != .udp { unlink(path) }
        isDone.signal()
    }

    private func takeFrames(_ bytes: [UInt8]) -> [UInt8] {
        var rest = bytes[...]
        while rest.count >= 4 {
            let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            guard rest.count >= 4 + length else { break }
            state.withLock { $0.payloads.append(Array(rest.dropFirst(4).prefix(length))) }
            rest = rest.dropFirst(4 + length)
        }
        return Array(rest)
    }
}

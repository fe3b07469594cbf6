// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Synchronization

/// An agent's HTTP port that gives one answer to whoever asks, over TCP or a Unix socket.
final class StubInfo: Sendable {
    let port: UInt16
    private let descriptor: Int32
    private let requestTexts = Mutex<[String]>([])

    /// - Parameter answer: all of it, status line included; nil accepts and never answers.
    init(path: String? = nil, answer: String?) throws {
        let socket =
            try path.map { try BoundSocket(type: SOCK_STREAM, path: $0) } ?? BoundSocket(type: SOCK_STREAM, port: 0)
        descriptor = socket.descriptor
        port = socket.port
        Thread { [self] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                var part = [UInt8](repeating: 0, count: 4096)
                let count = max(0, recv(client, &part, part.count, 0))
                requestTexts.withLock { $0.append(String(decoding: part[..<count], as: UTF8.self)) }
                guard let answer else { continue }  // keeps the client waiting
                let bytes = Array(answer.utf8)
                send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                close(client)
            }
        }.start()
    }

    var requests: [String] { requestTexts.withLock { $0 } }

    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    static func ok(_ body: String) -> String {
        "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + body
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOHTTP1
import NIOPosix

/// Asks over one connection, again and again, without a pause.
struct LoadClient: Sendable {
    let port: Int
    var documents: RandomDocuments

    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// Returns the number of answers when cancelled.
    func run() async -> Int {
        var answers = 0
        while !Task.isCancelled {
            // The server may close a connection at any time; then there is another, after a while that bounds the tries.
            try? await ask(&answers)
            try? await Task.sleep(for: .milliseconds(100))
        }
        return answers
    }

    /// Asks until the connection or the task ends: nineteen sums to one slow question.
    private func ask(_ answers: inout Int) async throws {
        var documents = documents
        let connection = try await connect()
        try await connection.executeThenClose { inbound, outbound in
            var answer = inbound.makeAsyncIterator()
            while !Task.isCancelled {
                if answers % 20 == 19 {
                    try await outbound.write(contentsOf: request(.GET, "/slow?currency=USD", body: nil))
                } else {
                    try await outbound.write(contentsOf: request(.POST, "/sum", body: documents.next()))
                }
                var part: HTTPClientResponsePart
                repeat {
                    guard let next = try await answer.next() else { return }
                    part = next
                } while part != .end(nil)
                answers += 1
            }
        }
    }

    private func connect() async throws -> Connection {
        try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
    }

    private func request(_ method: HTTPMethod, _ path: String, body: ByteBuffer?) -> [HTTPClientRequestPart] {
        let headers: HTTPHeaders = ["host": "127.0.0.1:\(port)", "content-length": String(body?.readableBytes ?? 0)]
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: headers)
        return [.head(head)] + (body.map { [.body(.byteBuffer($0))] } ?? []) + [.end(nil)]
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Thousands of broken requests from a fixed seed. A crash ends the whole test run, so it cannot be missed.
import DebugEndpointTesting
import MicroHTTP
import Testing

struct FuzzTests {
    private static let wellFormed = [
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /debug/vars?match=http_*,a?[a-z]&x=%41%20 HTTP/1.1\r\nHost: a\r\nAccept: text/html;q=0.5, */*;q=0.1\r\n\r\n",
        "HEAD http://example.org:80/a%2Fb?c=d#e HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip;q=1.0, *;q=0\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nabcde",
        "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n",
        "PUT /%C3%A9 HTTP/1.0\r\nConnection: keep-alive\r\nCookie: a=b; c=\"d\"\r\nX-Folded: a\r\n b\r\n\r\n",
    ].map { Array($0.utf8) }

    private static let morsels =
        [
            "\r\n", "\n", "\0", "%", "%00", "%ff", "?", "&", "=", "#", " ", "\t", ":", ";q=", ",", "\"", "\\",
            "HTTP/1.1", "/../",
        ]
        .map { Array($0.utf8) }
        + ["Content-Length: 99999999999\r\n", "Transfer-Encoding: chunked\r\n", "Host: b\r\n", "Range: bytes=0-\r\n"]
        .map { Array($0.utf8) } + [[0xFF], [0xC3, 0x28], [0x80], [0xED, 0xA0, 0x80]]

    private static func mutated(_ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = wellFormed.randomElement(using: &generator)!
        for _ in 0...Int.random(in: 0..<6, using: &generator) {
            let position = Int.random(in: 0..<max(1, bytes.count), using: &generator)
            let end = min(bytes.count, position + Int.random(in: 0..<12, using: &generator))
            switch Int.random(in: 0..<6, using: &generator) {
            case 0 where position < bytes.count: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes.removeSubrange(min(position, end)..<end)
            case 2: bytes.insert(contentsOf: morsels.randomElement(using: &generator)!, at: min(position, bytes.count))
            case 3: bytes.insert(contentsOf: generator.bytes(8), at: min(position, bytes.count))
            case 4:
                let repeated = Array(bytes[min(position, end)..<end])
                for _ in 0..<Int.random(in: 1..<200, using: &generator) { bytes.insert(contentsOf: repeated, at: end) }
            default: bytes = Array(bytes.prefix(position))
            }
            if bytes.isEmpty { return bytes }
        }
        return bytes
    }

    /// What begins an answer: a status line of HTTP/1 with three digits.
    private static func isStatusLine(_ bytes: [UInt8]) -> Bool {
        let line = String(decoding: bytes.prefix { $0 != 13 }, as: UTF8.self)
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, ["HTTP/1.1", "HTTP/1.0"].contains(parts[0]), parts[1].utf8.count == 3,
            let status = Int(parts[1])
        else { return false }
        return (100...599).contains(status)
    }

    /// Sends each request over a connection of its own; returns how many got an answer.
    private func send(
        _ count: Int, seed: UInt64, _ make: (inout SeededGenerator) -> [UInt8]
    ) throws -> (answered: Int, handled: Int) {
        var generator = SeededGenerator(seed: seed)
        let log = RequestLog()
        var answered = 0
        try withServer(handler: log.handler) { server in
            for round in 0..<count {
                let request = make(&generator)
                let client = try ClientConnection(server.address)
                client.send(request)
                client.endSending()
                let answer = client.receiveToEnd()
                if answer.isEmpty { continue }
                answered += 1
                #expect(Self.isStatusLine(answer), "seed \(seed), round \(round): \(answer.prefix(60))")
            }
            #expect(server.answersOrdinarily())
        }
        return (answered, log.all.count)
    }

    @Test(arguments: [1, 2, 3])
    func mutatedRequestsGetAStatusLineOrNothing(_ seed: UInt64) throws {
        let (answered, handled) = try send(1500, seed: seed, Self.mutated)
        #expect(answered > 500, "the mutations are mild enough to be answered")
        #expect(handled > 100 && handled < answered, "some reach the handler and some do not")
    }

    @Test func rawBytesGetAStatusLineOrNothing() throws {
        let (_, handled) = try send(1500, seed: 4) { generator in
            generator.bytes(Int.random(in: 1..<400, using: &generator))
                + (Bool.random(using: &generator) ? [13, 10, 13, 10] : [])
        }
        #expect(handled < 100)
    }

    @Test func anyQueryStringIsAnsweredOrRefused() throws {
        let head = Array("GET /debug/vars?".utf8)
        let tail = Array(" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)
        let (answered, handled) = try send(1500, seed: 5) { generator in
            let alphabet = Array("ab=&+%0123456789abcdefABCDEF*?[]-,;/\\\"'<>".utf8)
            let length = Int.random(in: 0..<60, using: &generator)
            return head + (0..<length).map { _ in alphabet.randomElement(using: &generator)! } + tail
        }
        #expect(answered == 1500)
        #expect(handled > 100 && handled < 1500)
    }
}

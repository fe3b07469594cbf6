// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointTesting
import MicroHTTP
import Testing

struct SizeLimitTests {
    private static let bodyLimit = 64 * 1024

    private static func announced(_ size: Int, extra: String = "") -> [UInt8] {
        Array("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(extra)Content-Length: \(size)\r\n\r\n".utf8)
            + [UInt8](repeating: 0x78, count: size)
    }

    private static func chunked(_ size: Int, chunk: Int) -> [UInt8] {
        var bytes = Array(
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        var left = size
        while left > 0 {
            let part = min(left, chunk)
            bytes += Array("\(String(part, radix: 16))\r\n".utf8) + [UInt8](repeating: 0x78, count: part) + [13, 10]
            left -= part
        }
        return bytes + Array("0\r\n\r\n".utf8)
    }

    private static let bodies: [@Sendable (Int) -> [UInt8]] = [
        { announced($0) }, { chunked($0, chunk: 1 << 20) }, { chunked($0, chunk: 1000) },
    ]

    @Test(arguments: [0, 1, 65_535, 65_536], 0..<bodies.count)
    func aBodyUpToTheLimitArrivesWhole(_ size: Int, _ form: Int) throws {
        let log = RequestLog()
        try withServer(handler: log.handler) { server in
            let answer = try server.client.exchange(Self.bodies[form](size))
            #expect(answer.status == 200)
        }
        #expect(log.all.map(\.body) == [[UInt8](repeating: 0x78, count: size)])
    }

    @Test(arguments: [65_537, 100_000, 900_000], 0..<bodies.count)
    func aBodyOverTheLimitIsRefusedWithASentence(_ size: Int, _ form: Int) throws {
        let log = RequestLog()
        try withServer(handler: log.handler) { server in
            for _ in 0..<10 {
                let answer = try server.client.exchange(Self.bodies[form](size))
                #expect(answer.status == 413)
                #expect(answer.text.contains("more than 65536 bytes"))
            }
            #expect(log.all.isEmpty)
            #expect(server.answersOrdinarily())
            #expect(log.all.count == 1)
        }
    }

    @Test func aBodyWithoutEndIsNotReadForEver() throws {
        try withServer { server in
            let connection = try ClientConnection(server.address)
            connection.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            let part = Array("10000\r\n".utf8) + [UInt8](repeating: 0x78, count: 65_536) + [13, 10]
            var sent = 0
            while sent < 1000, connection.send(part) { sent += 1 }
            #expect(sent >= 16, "the server reads some of it, so that a client can read the answer")
            #expect(sent < 1000, "the server took 64 MB")
            #expect(server.answersOrdinarily())
        }
    }

    @Test func whoAsksFirstIsToldBeforeSending() throws {
        try withServer { server in
            let head = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: "
            let refused = try ClientConnection(server.address)
            refused.send("\(head)\(Self.bodyLimit + 1)\r\n\r\n")
            #expect(String(decoding: refused.receiveToEnd(), as: UTF8.self).hasPrefix("HTTP/1.1 413 "))

            let taken = try ClientConnection(server.address)
            taken.send("\(head)3\r\n\r\n")
            #expect(String(decoding: taken.receive(), as: UTF8.self) == "HTTP/1.1 100 Continue\r\n\r\n")
            taken.send("abc")
            #expect(String(decoding: taken.receiveToEnd(), as: UTF8.self).hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test(arguments: [
        "18446744073709551615", "18446744073709551616", "99999999999999999999999999", "9223372036854775808",
    ])
    func anAbsurdLengthIsRefused(_ length: String) throws {
        let log = RequestLog()
        try withServer(handler: log.handler) { server in
            let answer = try server.answer(to: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\nabc")
            #expect((400...499).contains(answer.status))
            #expect(log.all.isEmpty)
        }
    }

    @Test(arguments: [(1000, 200), (8000, 200), (40_000, 414), (400_000, 414)])
    func aRequestLineIsRefusedWhenItIsTooLong(_ size: Int, _ status: Int) throws {
        try withServer { server in
            let answer = try server.client.get("/" + String(repeating: "x", count: size))
            #expect(answer.status == status)
            #expect(server.answersOrdinarily())
        }
    }

    @Test(arguments: [(1000, 200), (8000, 200), (40_000, 431), (400_000, 431)])
    func aHeaderIsRefusedWhenItIsTooLarge(_ size: Int, _ status: Int) throws {
        try withServer { server in
            let answer = try server.client.get("/", headers: ["X-Large": String(repeating: "x", count: size)])
            #expect(answer.status == status)
            #expect(server.answersOrdinarily())
        }
    }

    @Test(arguments: [(100, 200), (10_000, 431)])
    func manyHeadersAreRefusedWhenTheyAreTooManyTogether(_ count: Int, _ status: Int) throws {
        try withServer { server in
            let lines = (0..<count).map { "X-\($0): y\r\n" }.joined()
            let answer = try server.answer(to: "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(lines)\r\n")
            #expect(answer.status == status)
            #expect(server.answersOrdinarily())
        }
    }

    @Test func aConnectionLimitOutOfRangeIsRefusedWithASentence() throws {
        for limit in [-1, 0, 10_001] {
            let error = try #require(throws: HTTPServerError.self) {
                try withServer(.loopback { $0.limits.connections = limit }) { _ in }
            }
            #expect(error.description.contains("a connection limit of \(limit) was asked for"))
        }
        try withServer(.loopback { $0.limits.connections = 1 }) { server in
            #expect(server.answersOrdinarily())
        }
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What a handler sees of the request line's target, all the way from the socket.
import DebugEndpointTesting
import MicroHTTP
import Testing

struct RequestTargetTests {
    struct Reading: CustomTestStringConvertible {
        let target: String
        let path: String
        let query: [String]
        var testDescription: String { target }

        init(_ target: String, _ path: String, _ query: [String] = []) {
            self.target = target
            self.path = path
            self.query = query
        }
    }

    @Test(arguments: [
        Reading("/", "/"),
        Reading("//x", "//x"),
        Reading("/a%20b", "/a b"),
        Reading("/a+b", "/a+b"),
        Reading("/a%2Fb%2fc", "/a/b/c"),
        Reading("/%2e%2e/x/..", "/../x/.."),
        Reading("/caf%C3%A9/%e2%82%ac", "/café/€"),
        Reading("/%25%32%35", "/%25"),
        Reading("/a%00b", "/a\0b"),
        Reading("/a%0D%0Ab", "/a\r\nb"),
        Reading("/a;b=c", "/a;b=c"),
    ])
    func aPathIsDecodedOnce(_ reading: Reading) throws {
        try expect(reading)
    }

    @Test(arguments: [
        Reading("/v?match=http_*", "/v", ["match=http_*"]),
        Reading("/v?", "/v"),
        Reading("/v?a", "/v", ["a="]),
        Reading("/v?a=&=b&&c==d", "/v", ["a=", "=b", "c==d"]),
        Reading("/v?a=1&a=2&a=1", "/v", ["a=1", "a=2", "a=1"]),
        Reading("/v?a+b=c+d", "/v", ["a b=c d"]),
        Reading("/v?a=%2B%26%3D%3F", "/v", ["a=+&=?"]),
        Reading("/v?a=b?c/d", "/v", ["a=b?c/d"]),
        Reading("/v?%C3%A9=%E2%82%AC", "/v", ["é=€"]),
        Reading("/v?z=1&y=2&x=3", "/v", ["z=1", "y=2", "x=3"]),
    ])
    func aQueryKeepsItsOrderAndItsRepetitions(_ reading: Reading) throws {
        try expect(reading)
    }

    @Test(arguments: [
        Reading("http://example.org/debug/?a=1", "/debug/", ["a=1"]),
        Reading("https://example.org:8443/x%20y", "/x y"),
        Reading("http://[::1]:6060/x", "/x"),
        Reading("http://user@example.org/x", "/x"),
    ])
    func anAbsoluteTargetIsReadLikeItsPath(_ reading: Reading) throws {
        try expect(reading)
    }

    /// RFC 9110, section 4.2.3: an empty path is the same as "/", and schemes are compared without case.
    @Test(arguments: [
        Reading("http://example.org", "/"),
        Reading("http://example.org?a=1", "/", ["a=1"]),
        Reading("HTTP://EXAMPLE.ORG/x", "/x"),
    ])
    func anAbsoluteTargetIsNormalized(_ reading: Reading) throws {
        try expect(reading)
    }

    private func expect(_ reading: Reading) throws {
        let log = RequestLog()
        try withServer(handler: log.handler) { server in
            let answer = try server.client.get(reading.target)
            #expect(answer.status == 200)
        }
        let request = try #require(log.all.first)
        #expect(request.path == reading.path)
        #expect(request.query.map { "\($0.name)=\($0.value)" } == reading.query)
    }

    @Test(arguments: [
        "/%", "/%4", "/%zz", "/%G0", "/%0G", "/%+1", "/%-1", "/%%41", "/?a=%", "/?%=1", "/?a=1&b=%4",
        "/%ff", "/%C3", "/%C3%28", "/%C0%AF", "/%ED%A0%80", "/%F5%80%80%80", "/?a=%80", "http://example.org/%",
    ])
    func aTargetThatCannotBeDecodedIsRefusedBeforeTheHandler(_ target: String) throws {
        let log = RequestLog()
        try withServer(handler: log.handler) { server in
            let answer = try server.client.get(target)
            #expect(answer.status == 400)
            #expect(answer.text.hasPrefix("the request target "))
            #expect(log.all.isEmpty)
            let control = try server.client.get("/%41")
            #expect(control.status == 200)
            #expect(log.all.map(\.path) == ["/A"])
        }
    }

    @Test func bytesThatAreNoUTF8AreRefusedAndThoseThatAreAreTaken() throws {
        let log = RequestLog()
        try withServer(handler: log.handler) { server in
            let end = Array(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
            let refusal = try server.client.exchange(Array("GET /".utf8) + [0xFF, 0xFE] + end)
            #expect(refusal.status == 400)
            #expect(log.all.isEmpty)
            let answer = try server.client.exchange(Array("GET /é".utf8) + end)
            #expect(answer.status == 200)
            #expect(log.all.map(\.path) == ["/é"])
        }
    }
}

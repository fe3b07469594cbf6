// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Requests as clients really write them, and what their answers carry.
import DebugEndpointTesting
import MicroHTTP
import Testing

struct MessageTests {
    private static let pageHandler: HTTPServer.Handler = { request in
        Response(
            status: request.path == "/gone" ? 410 : 200, contentType: "text/html; charset=utf-8",
            headers: [("X-Page", "one"), ("X-Page", "two")],
            body: Array(String(repeating: "<p>page</p>\n", count: 300).utf8))
    }

    @Test(arguments: [("/", ""), ("/", "gzip"), ("/gone", ""), ("/%zz", "")])
    func headHasTheHeadersOfGetAndNoBody(_ path: String, _ acceptEncoding: String) throws {
        try withServer(handler: Self.pageHandler) { server in
            let get = try server.client.get(path, headers: ["Accept-Encoding": acceptEncoding])
            let head = try server.client.send("HEAD", path, headers: ["Accept-Encoding": acceptEncoding])
            let comparable = { (answer: DebugClient.Answer) in
                answer.headers.filter { $0.name != "Date" }.map { "\($0.name): \($0.value)" }
            }
            #expect(head.status == get.status)
            #expect(comparable(head) == comparable(get))
            #expect(head.header("Content-Length") == String(get.body.count))
            #expect(head.body.isEmpty)
            #expect(!get.body.isEmpty)
        }
    }

    @Test func everyAnswerSaysHowItIsToBeTaken() throws {
        try withServer(handler: Self.pageHandler) { server in
            for path in ["/", "/gone", "/%zz"] {
                let answer = try server.client.get(path)
                #expect(answer.header("X-Content-Type-Options") == "nosniff")
                #expect(answer.header("Cache-Control") == "no-store")
                #expect(answer.header("Content-Type")?.hasPrefix("text/") == true)
                #expect(answer.header("Content-Length") == String(answer.body.count))
                #expect(answer.header("Date")?.hasSuffix(" GMT") == true)
            }
            let answer = try server.client.get("/")
            #expect(answer.headers.filter { $0.name == "X-Page" }.map(\.value) == ["one", "two"])
        }
    }

    @Test func repeatedHeadersAllReachTheHandlerInTheirOrder() throws {
        let log = RequestLog()
        try withServer(handler: log.handler) { server in
            let answer = try server.answer(
                to: "GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nx-a: 2\r\nX-B:\r\nX-A:  3 \r\nConnection: close\r\n\r\n")
            #expect(answer.status == 200)
        }
        let request = try #require(log.all.first)
        #expect(request.headers.filter { $0.name.lowercased() == "x-a" }.map(\.value) == ["1", "2", "3"])
        #expect(request.header("X-a") == "1, 2, 3")
        #expect(request.header("x-b")?.isEmpty == true)
        #expect(request.header("x-c") == nil)
        #expect(request.peer.hasPrefix("127.0.0.1:"))
    }

    @Test(arguments: ["GET", "get", "PROPFIND", "BREW", "M-SEARCH", "X", "OPTIONS", "DELETE", "A123"])
    func anyMethodReachesTheHandlerAsItIs(_ method: String) throws {
        let log = RequestLog()
        try withServer(handler: log.handler) { server in
            let answer = try server.client.send(method, "/x")
            #expect(answer.status == 200)
        }
        #expect(log.all.map(\.method) == [method])
    }

    @Test func optionsForTheWholeServerHasTheStarAsItsPath() throws {
        let log = RequestLog()
        try withServer(handler: log.handler) { server in
            _ = try server.client.send("OPTIONS", "*")
        }
        #expect(log.all.map(\.path) == ["*"])
    }

    @Test func anOldClientIsAnsweredAndItsConnectionClosed() throws {
        try withServer(handler: Self.pageHandler) { server in
            let answer = try server.answer(to: "GET / HTTP/1.0\r\n\r\n")
            #expect(answer.status == 200)
            #expect(answer.header("Content-Length") == String(answer.body.count))
            #expect(answer.text.hasSuffix("<p>page</p>\n"))
        }
    }

    @Test func requestsThatComeTogetherAreAnsweredOneAfterTheOther() throws {
        let log = RequestLog()
        try withServer(handler: log.handler) { server in
            let connection = try ClientConnection(server.address)
            connection.send(
                "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
            connection.send("GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let text = String(decoding: connection.receiveToEnd(), as: UTF8.self)
            #expect(text.components(of: "HTTP/1.1 200 OK\r\n") == 3)
        }
        #expect(log.all.map(\.path) == ["/1", "/2", "/3"])
        #expect(log.all.map(\.body.count) == [0, 3, 0])
    }

    /// What the handler may see, if it sees anything, is what was sent; and the server goes on.
    @Test(arguments: ["/a\\b", "/a\u{1}b", "/a\u{7F}b", "/a\tb", "/<script>", "/a\"b", "/a{b}|c^d`e"])
    func oddCharactersInAPathHarmNobody(_ path: String) throws {
        let log = RequestLog()
        try withServer(handler: log.handler) { server in
            let connection = try ClientConnection(server.address)
            connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let text = String(decoding: connection.receiveToEnd(), as: UTF8.self)
            #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 200 ") || text.hasPrefix("HTTP/1.1 400 "))
            #expect(log.all.isEmpty || log.all.map(\.path) == [path])
            #expect(server.answersOrdinarily())
        }
    }

    /// libmicrohttpd hands over C strings, so a NUL ends what the handler sees; it never sees what is behind it.
    @Test func aNulByteInTheRequestLineHidesNothingElse() throws {
        let log = RequestLog()
        try withServer(handler: log.handler) { server in
            for text in ["GET /a\0/../b HTTP/1.1", "GET /a\0?b=c HTTP/1.1"] {
                let connection = try ClientConnection(server.address)
                connection.send(text + "\r\nHost: a\r\nConnection: close\r\n\r\n")
                let answer = String(decoding: connection.receiveToEnd(), as: UTF8.self)
                #expect(answer.hasPrefix("HTTP/1.1 200 ") || answer.hasPrefix("HTTP/1.1 400 "))
            }
            #expect(log.all.allSatisfy { $0.path == "/a" && $0.query.isEmpty && $0.headers.count == 2 })
            #expect(server.answersOrdinarily())
        }
    }

    @Test(arguments: [
        "GET /\r\nHost: a\r\n\r\n", "GET / HTTP\r\nHost: a\r\n\r\n", "GET / FTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/x.y\r\nHost: a\r\n\r\n", "GET  HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    ])
    func aMalformedRequestIsRefused(_ request: String) throws {
        let log = RequestLog()
        try withServer(handler: log.handler) { server in
            let connection = try ClientConnection(server.address)
            connection.send(request)
            connection.endSending()
            let text = String(decoding: connection.receiveToEnd(), as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 400 ") || text.hasPrefix("HTTP/1.0 400 "), "\(text.debugDescription)")
            #expect(log.all.isEmpty)
            #expect(server.answersOrdinarily())
        }
    }

    /// RFC 9112, section 3.2.
    @Test func aRequestWithoutAHostIsRefused() throws {
        try withServer { server in
            let refused = try server.answer(to: "GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
            #expect(refused.status == 400)
            let old = try server.answer(to: "GET / HTTP/1.0\r\n\r\n")
            #expect(old.status == 200)
        }
    }

    /// Where no request line can be made out at all, the connection is closed, after the idle timeout at the latest; 400 would
    /// do as well.
    @Test(arguments: ["GET\r\n\r\n", " / HTTP/1.1\r\nHost: a\r\n\r\n", "\0\0\0\r\n\r\n", "\u{16}\u{3}\u{1}\r\n\r\n"])
    func whatIsNoRequestLineEndsTheConnection(_ request: String) throws {
        let log = RequestLog()
        try withServer(.loopback { $0.limits.idleSeconds = 1 }, handler: log.handler) { server in
            let connection = try ClientConnection(server.address)
            connection.send(request)
            let text = String(decoding: connection.receiveToEnd(), as: UTF8.self)
            #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 400 ") || text.hasPrefix("HTTP/1.0 400 "))
            #expect(log.all.isEmpty)
            #expect(server.answersOrdinarily())
        }
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(of text: String) -> Int {
        ranges(of: text).count
    }
}

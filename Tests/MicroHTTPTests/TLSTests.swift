// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Certificates are made by the openssl program, and the client is curl.
import Glibc
import MicroHTTP
import Testing

struct TLSTests {
    private let directory: ScratchDirectory
    private let pair: TLSFiles

    init() throws {
        directory = try ScratchDirectory()
        pair = try Self.makePair("server", in: directory)
    }

    static func makePair(_ name: String, in directory: ScratchDirectory) throws -> TLSFiles {
        let files = TLSFiles(
            certificate: directory.file("\(name)-certificate.pem"), privateKey: directory.file("\(name)-key.pem"))
        let (status, _) = try run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout", files.privateKey, "-out", files.certificate,
            ])
        try #require(status == 0, "openssl is needed to make a certificate")
        return files
    }

    private func refusal(of files: TLSFiles) throws -> HTTPServerError {
        try #require(throws: HTTPServerError.self) { try withServer(.loopback { $0.tls = files }) { _ in } }
    }

    @Test func aClientThatKnowsTheCertificateIsAnswered() throws {
        try withServer(.loopback { $0.tls = pair }, handler: answering { .text("you asked for \($0.path)") }) {
            server in
            let url = "https://localhost:\(server.port)/secret?x=1"
            let known = try run("curl", ["-sS", "--max-time", "20", "--cacert", pair.certificate, url])
            #expect(known.status == 0)
            #expect(String(decoding: known.output, as: UTF8.self) == "you asked for /secret\n")
            let careless = try run("curl", ["-sSk", "--max-time", "20", url])
            #expect(careless.output == known.output)
            let unknown = try run("curl", ["-sS", "--max-time", "20", url])
            #expect(unknown.status == 60, "curl's code for a certificate that nobody vouches for")
        }
    }

    @Test func aLargeAnswerArrivesWhole() throws {
        let page = Array(String(repeating: "a line of a page\n", count: 100_000).utf8)
        let response = Response(contentType: "text/plain", body: page)
        try withServer(.loopback { $0.tls = pair }, handler: answering { _ in response }) { server in
            for compression in [[], ["--compressed"]] {
                let url = "https://127.0.0.1:\(server.port)/"
                let answer = try run("curl", ["-sSk", "--max-time", "20"] + compression + [url])
                #expect(answer.status == 0)
                #expect(answer.output == page)
            }
        }
    }

    @Test func plainTextAndLeavingClientsHarmNobody() throws {
        try withServer(.loopback { $0.tls = pair }) { server in
            for index in 0..<40 {
                let client = try ClientConnection(server.address)
                client.send(index % 2 == 0 ? "GET / HTTP/1.1\r\nHost: a\r\n\r\n" : "\u{16}\u{3}\u{1}\u{2}")
                if index % 4 == 0 {
                    let answer = String(decoding: client.receiveToEnd(), as: UTF8.self)
                    #expect(!answer.contains("HTTP/1.1 200"), "plain text is not served")
                }
                client.leave(reset: index % 3 == 0)
            }
            let answer = try run("curl", ["-sSk", "--max-time", "20", "https://127.0.0.1:\(server.port)/"])
            #expect(String(decoding: answer.output, as: UTF8.self) == "ok\n")
        }
    }

    @Test func aClientThatNeverShakesHandsIsClosedAfterTheIdleTimeout() throws {
        try withServer(
            .loopback {
                $0.tls = pair
                $0.limits.idleSeconds = 1
            }
        ) { server in
            let client = try ClientConnection(server.address)
            let start = ContinuousClock.now
            let received = client.receiveToEnd()
            let time = ContinuousClock.now - start
            #expect(time > .milliseconds(900) && time < .seconds(4), "\(time)")
            #expect(received.count < 100, "an alert at most")
        }
    }

    @Test func aKeyThatBelongsToAnotherCertificateIsRefused() throws {
        let other = try Self.makePair("other", in: directory)
        let mixed = TLSFiles(certificate: pair.certificate, privateKey: other.privateKey)
        let error = try refusal(of: mixed)
        #expect(error == .certificateRefused(certificate: mixed.certificate, privateKey: mixed.privateKey))
        #expect(error.description.contains("PEM files that belong together"))
    }

    @Test func filesThatAreNoPEMAreRefused() throws {
        var generator = SeededGenerator(seed: 7)
        let swapped = TLSFiles(certificate: pair.privateKey, privateKey: pair.certificate)
        let empty = try directory.write([], to: "empty.pem")
        let noise = try directory.write(generator.bytes(5000), to: "noise.pem")
        for files in [
            swapped, TLSFiles(certificate: empty, privateKey: pair.privateKey),
            TLSFiles(certificate: pair.certificate, privateKey: empty), TLSFiles(certificate: empty, privateKey: empty),
            TLSFiles(certificate: noise, privateKey: pair.privateKey),
            TLSFiles(certificate: pair.certificate, privateKey: noise),
        ] {
            #expect(
                try refusal(of: files)
                    == .certificateRefused(certificate: files.certificate, privateKey: files.privateKey))
        }
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        let missing = directory.file("missing.pem")
        #expect(
            try refusal(of: TLSFiles(certificate: missing, privateKey: pair.privateKey))
                == .fileUnreadable(missing, errno: ENOENT))
        #expect(
            try refusal(of: TLSFiles(certificate: pair.certificate, privateKey: missing))
                == .fileUnreadable(missing, errno: ENOENT))
        let error = try refusal(of: TLSFiles(certificate: directory.path, privateKey: pair.privateKey))
        #expect(error == .fileUnreadable(directory.path, errno: EISDIR))
        #expect(error.description.contains("cannot be read: Is a directory"))
    }

    @Test func aRefusedCertificateLeavesThePortFree() throws {
        let missing = TLSFiles(certificate: pair.certificate, privateKey: try directory.write([], to: "empty.pem"))
        var configuration = HTTPServer.Configuration(address: .host("127.0.0.1", port: 0))
        let port = try withServer { $0.port }
        configuration.address = .host("127.0.0.1", port: UInt16(port))
        configuration.tls = missing
        for _ in 0..<5 {
            let error = try #require(throws: HTTPServerError.self) {
                try HTTPServer(configuration) { _ in .text("never") }
            }
            #expect(error != .addressInUse("127.0.0.1:\(port)"))
        }
        configuration.tls = pair
        let server = try HTTPServer(configuration) { _ in .text("ok") }
        server.stop()
    }
}

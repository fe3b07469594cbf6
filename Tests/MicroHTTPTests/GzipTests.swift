// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Our gzip against the gzip program, and when the server compresses.
import DebugEndpointTesting
import MicroHTTP
import Testing

struct GzipTests {
    private let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory()
    }

    private func decompressed(_ bytes: [UInt8]) throws -> [UInt8] {
        let path = try directory.write(bytes, to: "body.gz")
        let (status, output) = try run("gzip", ["-dc", path])
        try #require(status == 0)
        return output
    }

    @Test(arguments: [0, 1, 1023, 1024, 65_536, 3_000_000])
    func gzipReadsBackWhatWasCompressed(_ size: Int) throws {
        var generator = SeededGenerator(seed: UInt64(size))
        let noise = generator.bytes(min(size, 200_000))
        let text = Array(
            String(repeating: "http_requests_total{route=\"/\"} 1\n", count: size / 33 + 1).utf8.prefix(size))
        for original in [noise, text] {
            let compressed = try #require(Gzip.compress(original))
            #expect(try decompressed(compressed) == original)
        }
    }

    @Test func textShrinksWell() throws {
        let text = Array(String(repeating: "http_requests_total 1\n", count: 1000).utf8)
        #expect(try #require(Gzip.compress(text)).count < text.count / 20)
    }

    private static let longText = String(repeating: "a line of a page\n", count: 200)

    private func answer(
        _ acceptEncoding: String?, method: String = "GET", contentType: String = "text/plain; charset=utf-8",
        headers: [(name: String, value: String)] = [], body: String = longText
    ) throws -> DebugClient.Answer {
        let response = Response(contentType: contentType, headers: headers, body: Array(body.utf8))
        return try withServer(handler: answering { _ in response }) { server in
            try server.client.send(method, "/", headers: acceptEncoding.map { ["Accept-Encoding": $0] } ?? [:])
        }
    }

    @Test(arguments: ["gzip", "deflate, gzip;q=0.5", "*", "GZIP"])
    func aLongTextIsCompressedForWhoAcceptsIt(_ acceptEncoding: String) throws {
        let compressed = try answer(acceptEncoding)
        #expect(compressed.header("Content-Encoding") == "gzip")
        #expect(compressed.header("Vary") == "Accept-Encoding")
        #expect(compressed.header("Content-Length") == String(compressed.body.count))
        #expect(try decompressed(compressed.body) == Array(Self.longText.utf8))
    }

    @Test(arguments: [nil, "", "br", "gzip;q=0", "identity, gzip;q=0.0", "*;q=0", "gzip;q=none"])
    func aLongTextStaysPlainForWhoDoesNot(_ acceptEncoding: String?) throws {
        let plain = try answer(acceptEncoding)
        #expect(plain.header("Content-Encoding") == nil)
        #expect(plain.header("Vary") == "Accept-Encoding")
        #expect(plain.text == Self.longText)
    }

    @Test(arguments: [
        "application/json", "application/yaml; charset=utf-8", "application/openmetrics-text; version=1.0.0",
    ])
    func textThatIsNotCalledTextIsCompressedToo(_ contentType: String) throws {
        #expect(try answer("gzip", contentType: contentType).header("Content-Encoding") == "gzip")
    }

    @Test func shortOrBinaryOrCompressedBodiesAreLeftAlone() throws {
        let limit = 1024
        let short = try answer("gzip", body: String(repeating: "x", count: limit - 1))
        #expect(short.header("Content-Encoding") == nil)
        let long = try answer("gzip", body: String(repeating: "x", count: limit))
        #expect(long.header("Content-Encoding") == "gzip")
        let binary = try answer("gzip", contentType: "application/octet-stream")
        #expect(binary.header("Content-Encoding") == nil)
        #expect(binary.header("Vary") == nil)
        let coded = try answer("gzip", headers: [("Content-Encoding", "br")])
        #expect(coded.headers.filter { $0.name == "Content-Encoding" }.map(\.value) == ["br"])
        #expect(coded.text == Self.longText)
    }
}

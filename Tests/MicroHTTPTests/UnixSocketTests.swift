// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import MicroHTTP
import Synchronization
import Testing

struct UnixSocketTests {
    private let directory: ScratchDirectory
    private let path: String

    init() throws {
        directory = try ScratchDirectory()
        path = directory.file("debug.sock")
    }

    private static func start(_ path: String, answering text: String = "ok") throws(HTTPServerError) -> HTTPServer {
        try HTTPServer(HTTPServer.Configuration(address: .unixSocket(path))) { _ in .text(text) }
    }

    private static func answer(at path: String) throws -> String {
        let client = try ClientConnection(.unixSocket(path))
        client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        return String(String(decoding: client.receiveToEnd(), as: UTF8.self).split(separator: "\r\n").last ?? "")
    }

    /// A socket file that nobody listens on any more.
    private func leaveStaleSocket() throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path)
    }

    @Test func theSocketIsPrivateAndRemovedAtStop() throws {
        let before = umask(0)
        defer { umask(before) }
        let server = try Self.start(path)
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_mode & S_IFMT == S_IFSOCK)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(try names() == ["debug.sock"], "no other name is left behind")
        #expect(try Self.answer(at: path) == "ok\n")
        server.stop()
        #expect(try names().isEmpty)
    }

    @Test func aStaleSocketIsReplaced() throws {
        try leaveStaleSocket()
        #expect(try names() == ["debug.sock"])
        let server = try Self.start(path)
        defer { server.stop() }
        #expect(try Self.answer(at: path) == "ok\n")
    }

    @Test func aLiveSocketIsRefusedAndLeftAlone() throws {
        let server = try Self.start(path, answering: "first")
        defer { server.stop() }
        let error = try #require(throws: HTTPServerError.self) { try Self.start(path) }
        #expect(error == .addressInUse(path))
        #expect(try Self.answer(at: path) == "first\n")
        #expect(try names() == ["debug.sock"])
    }

    @Test func whatIsNoSocketIsLeftAlone() throws {
        _ = try directory.write(Array("precious".utf8), to: "debug.sock")
        let error = try #require(throws: HTTPServerError.self) { try Self.start(path) }
        #expect(error == .socketPathTaken(path))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")

        let folder = directory.file("folder")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        #expect(throws: HTTPServerError.socketPathTaken(folder)) { try Self.start(folder) }
        let link = directory.file("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        #expect(throws: HTTPServerError.socketPathTaken(link)) { try Self.start(link) }
        #expect(try names().sorted() == ["debug.sock", "folder", "link"])
    }

    @Test func aFileThatSomebodyElsePutThereIsNotRemovedAtStop() throws {
        let server = try Self.start(path)
        try FileManager.default.removeItem(atPath: path)
        _ = try directory.write(Array("precious".utf8), to: "debug.sock")
        server.stop()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }

    @Test func aSocketThatAnotherServerPutThereIsNotRemovedAtStop() throws {
        let first = try Self.start(path, answering: "first")
        try FileManager.default.removeItem(atPath: path)
        let second = try Self.start(path, answering: "second")
        first.stop()
        #expect(try Self.answer(at: path) == "second\n")
        second.stop()
        #expect(try names().isEmpty)
    }

    @Test func aPathThatIsTooLongIsRefusedAndTheLongestIsTaken() throws {
        let room = 107 - directory.path.utf8.count - 1
        let longest = directory.file(String(repeating: "x", count: room))
        let server = try Self.start(longest)
        #expect(try Self.answer(at: longest) == "ok\n")
        server.stop()
        let tooLong = longest + "x"
        let error = try #require(throws: HTTPServerError.self) { try Self.start(tooLong) }
        #expect(error == .socketPathTooLong(tooLong))
        #expect(error.description.contains("108 bytes"))
        #expect(try names().isEmpty)
    }

    @Test func aDirectoryThatIsNotThereIsRefused() throws {
        let error = try #require(throws: HTTPServerError.self) { try Self.start(directory.file("none/debug.sock")) }
        #expect(error.description.contains("No such file or directory"))
    }

    @Test func theFileIsGoneBeforeSlowRequestsHaveEnded() throws {
        let gate = Gate()
        let server = try HTTPServer(HTTPServer.Configuration(address: .unixSocket(path))) { _ in
            gate.wait()
            return .text("ok")
        }
        let client = try ClientConnection(server.address)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(eventually { gate.arrived == 1 })
        server.stop()
        #expect(try names().isEmpty)
        let next = try Self.start(path, answering: "next")
        #expect(try Self.answer(at: path) == "next\n")
        gate.open()
        #expect(try Self.answer(at: path) == "next\n")
        next.stop()
    }

    /// Whoever starts must be reachable, and only one can be.
    @Test(arguments: [false, true])
    func ofServersThatStartTogetherOneWins(overAStaleSocket: Bool) throws {
        for round in 0..<150 {
            if overAStaleSocket { try leaveStaleSocket() }
            let started = Mutex<[HTTPServer]>([])
            let refusals = Mutex<[HTTPServerError]>([])
            onThreads(3) { [path] index in
                do throws(HTTPServerError) {
                    let server = try Self.start(path, answering: "server \(index)")
                    started.withLock { $0.append(server) }
                } catch {
                    refusals.withLock { $0.append(error) }
                }
            }
            let servers = started.withLock { $0 }
            defer { for server in servers { server.stop() } }
            let answer = try? Self.answer(at: path)
            let isRight =
                servers.count == 1 && answer?.hasPrefix("server ") == true
                && refusals.withLock { $0.allSatisfy { $0 == .addressInUse(path) } }
            #expect(
                isRight,
                "round \(round): \(servers.count) started, \(refusals.withLock { $0 }), answer \(answer ?? "none")")
            if !isRight { return }
        }
    }
}

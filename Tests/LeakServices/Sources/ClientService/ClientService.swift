// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import AsyncHTTPClient
import DebugEndpoint
import Foundation
import NIOCore

/// Asks the service whose URL is the first argument, with async-http-client in all its ways, more at a time than it may have
/// connections. Prints its endpoint's URL; `lose` on its standard input has it lose a continuation, and it ends when that does.
@main
struct ClientService {
    static func main() async throws {
        signal(SIGPIPE, SIG_IGN)
        guard let url = CommandLine.arguments.dropFirst().first else {
            print("no URL is given: give that of a HummingbirdService")
            exit(2)
        }
        let endpoint = try DebugServer.startFromEnvironment() ?? DebugServer.start(.init(address: .loopback(port: 0)))
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 8
        configuration.connectionPool.idleTimeout = .seconds(1)
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        Thread.detachNewThread {
            while let line = readLine() {
                if line == "lose" { Task { lose() } }
            }
            exit(0)
        }
        // Not through stdio: flushing it waits for the thread that reads.
        FileHandle.standardOutput.write(Data("\(endpoint.url)\n".utf8))
        await withTaskGroup { group in
            for number in 0..<24 {
                let asker = Asker(number: number, url: url, client: client)
                group.addTask(name: "asker \(number)") { await asker.run() }
            }
        }
    }

    /// The control. Not called by the thread that reads: that goes back into a call whose frame covers where the handle was, and a
    /// word on a stack in use counts, whether its function has written it or not.
    private static func lose() {
        _ = Task(name: "lost") { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
    }
}

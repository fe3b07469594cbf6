// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import Foundation
import Hummingbird
import Logging

/// A Hummingbird service whose requests wait in many ways, each of which ends. Prints its URL and its endpoint's; ends when its
/// standard input does.
@main
struct HummingbirdService {
    static func main() async throws {
        signal(SIGPIPE, SIG_IGN)
        var logger = Logger(label: "HummingbirdService")
        logger.logLevel = .error
        let endpoint = try DebugServer.startFromEnvironment() ?? DebugServer.start(.init(address: .loopback(port: 0)))
        let application = Application(
            router: Routes().router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                // Not through stdio: flushing it waits for the thread that reads.
                let lines = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/\n\(endpoint.url)\n"
                FileHandle.standardOutput.write(Data(lines.utf8))
            }, logger: logger)
        Thread.detachNewThread {
            while readLine() != nil {}
            exit(0)
        }
        try await application.runService()
    }
}

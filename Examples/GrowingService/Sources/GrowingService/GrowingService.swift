// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import DebugEndpoint
import Glibc

/// A chat service without a network: visitors come, talk and leave, pages are rendered, reports are written. Its memory stays
/// where it is, unless a switch puts one of three mistakes in.
@main
struct GrowingService: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "GrowingService",
        abstract: "A service whose memory grows, for one of three reasons.",
        discussion: """
            The first line of output is the URL of the debug endpoint: 127.0.0.1:6060, or what the environment variable \
            DEBUG_ENDPOINT says, host:port (port 0 for any free one) or unix:/path.
            """)

    @Flag(help: "Let each session own the closure that owns it: a retain cycle.")
    var cycle = false

    @Flag(help: "Never remove a page from the cache.")
    var cache = false

    @Flag(help: "Keep a line here and there of the reports, so that glibc cannot give back the memory around them.")
    var retention = false

    @Option(help: ArgumentHelp("End after so long; else SIGTERM or SIGINT ends it.", valueName: "seconds"))
    var seconds: Int?

    func validate() throws {
        if let seconds, !(1...86400).contains(seconds) {
            throw ValidationError("--seconds is \(seconds): give 1 to 86400")
        }
    }

    func run() async throws {
        let endpoint = try DebugServer.startFromEnvironment() ?? DebugServer.start()
        defer { endpoint.stop() }
        print(endpoint.url)
        fflush(nil)  // into a pipe at once
        ReportOffice(keepsLines: retention).open(desks: 2)
        let limit = seconds.map { ContinuousClock.now + .seconds($0) }
        await withTaskGroup { group in
            group.addTask(name: "lobby") { await Lobby(leavesCycles: cycle).run(until: limit) }
            group.addTask(name: "page renderer") {
                await PageRenderer(cache: PageCache(limit: cache ? nil : 1000)).run(until: limit)
            }
        }
        print("done")
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import DebugEndpoint
import Dispatch

/// Counts text and shows the counts while it works. The main thread waits for a signal; another one reads.
@main
struct HelloCounters: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "HelloCounters",
        abstract: "Counts lines, words and bytes, and shows the counts over HTTP while it works.",
        discussion: """
            The address is 127.0.0.1:6060, or what the environment variable DEBUG_ENDPOINT says: host:port (port 0 for \
            any free one) or unix:/path. The first line of output is the URL.
            """)

    @Argument(help: "The files to read; none or - for standard input.")
    var files: [String] = []

    @Option(help: ArgumentHelp("Serve for so long after the input ends; else until SIGTERM.", valueName: "seconds"))
    var linger: Int?

    func validate() throws {
        if let linger, linger < 0 {
            throw ValidationError("--linger is \(linger): give 0 or more seconds")
        }
    }

    func run() throws {
        let stopSignal = StopSignal()
        let statistics = TextStatistics(registry: .shared)
        let server = try DebugServer.startFromEnvironment() ?? DebugServer.start()
        printNow(server.url)

        DispatchQueue.global().async {
            count(into: statistics)
            let end = linger.map { "for \($0) s" } ?? "until SIGTERM"
            printNow("done: \(statistics.summary); serving at \(server.url) \(end)")
            if let linger {
                DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(linger)) { stopSignal.send() }
            }
        }
        stopSignal.wait()
        server.stop()
        if statistics.unreadableFiles.value > 0 { throw ExitCode.failure }
    }

    private func count(into statistics: TextStatistics) {
        var counter = TextCounter(statistics)
        for file in files.isEmpty ? ["-"] : files {
            do throws(UnreadableFile) {
                try counter.count(file)
            } catch {
                printError(error.description)
                statistics.unreadableFiles.increment()
            }
        }
    }

    /// As the inherited `main`, but a wrong command line ends with status 2, as in most tools.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            printError(fullMessage(for: error))
            exit(withError: ExitCode(2))
        }
    }
}

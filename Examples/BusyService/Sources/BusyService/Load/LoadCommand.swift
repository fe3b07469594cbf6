// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation

/// Clients that keep a service on this machine busy, for a limited time.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Keep a BusyService on this machine busy.")

    @Option(help: "The service's port on 127.0.0.1.")
    var port = 8080

    @Option(help: "How many clients ask at the same time.")
    var clients = 8

    @Option(help: ArgumentHelp("Stop after so long.", valueName: "seconds"))
    var seconds = 3600

    @Flag(help: "Stop also when standard input ends.")
    var untilInputEnds = false

    func validate() throws {
        guard (1...65535).contains(port) else { throw ValidationError("--port is \(port): give 1 to 65535") }
        guard (1...1000).contains(clients) else { throw ValidationError("--clients is \(clients): give 1 to 1000") }
        guard (1...86400).contains(seconds) else { throw ValidationError("--seconds: give 1 to 86400") }
    }

    func run() async throws {
        let (end, endIsReached) = AsyncStream<Void>.makeStream()
        if untilInputEnds {
            Thread.detachNewThread {
                while readLine() != nil {}
                endIsReached.finish()
            }
        }
        let counts = await withTaskGroup(of: Int?.self) { group in
            for index in 0..<clients {
                let client = LoadClient(port: port, documents: .init(seed: UInt64(index)))
                group.addTask(name: "client \(index + 1)") { await client.run() }
            }
            group.addTask(name: "time limit") {
                try? await Task.sleep(for: .seconds(seconds))
                return nil
            }
            group.addTask(name: "end of input") {
                for await _ in end {}
                return nil
            }
            var answers = 0
            for await count in group {
                if let count { answers += count } else { group.cancelAll() }
            }
            return answers
        }
        printNow("load: \(clients) clients got \(counts) answers")
    }
}

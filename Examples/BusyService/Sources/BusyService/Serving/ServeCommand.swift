// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import CoreMetrics
import DebugEndpoint
import DebugEndpointMetrics
import DebugEndpointService
import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// Runs the service and its debug endpoint until SIGTERM, SIGINT or the end of its time.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve POST /sum and GET /slow, and the debug endpoint beside it.",
        discussion: """
            The first two lines of output are the URLs of the service and of its endpoint. The latter's address is \
            127.0.0.1:6060, or what the environment variable DEBUG_ENDPOINT says: host:port or unix:/path. Port 0 \
            stands for any free one.
            """)

    @Option(help: "The service's port on 127.0.0.1; 0 for any free one.")
    var port = 8080

    @Option(help: ArgumentHelp("Start so many clients that keep the service busy.", valueName: "clients"))
    var load = 0

    @Option(help: ArgumentHelp("End after so long; else at SIGTERM or SIGINT.", valueName: "seconds"))
    var seconds: Int?

    @Option(help: ArgumentHelp("How long the slow dependency thinks about a question.", valueName: "milliseconds"))
    var slowness = 20

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port is \(port): give 0 to 65535") }
        guard (0...1000).contains(load) else { throw ValidationError("--load is \(load): give 0 to 1000") }
        guard (1...86400).contains(seconds ?? 1) else { throw ValidationError("--seconds: give 1 to 86400") }
        guard (0...60000).contains(slowness) else { throw ValidationError("--slowness: give 0 to 60000") }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)  // A dependency that has ended is an error of write(), not the end of the service.
        var logger = Logger(label: "BusyService")
        logger.logLevel = .warning

        let statistics = ServiceStatistics(registry: .shared)
        MetricsSystem.bootstrap(DebugMetricsFactory(.shared))  // what Hummingbird counts
        let endpoint = try DebugServer.startFromEnvironment() ?? DebugServer.start()
        let ledger = Ledger()
        let dependency = SlowDependency(
            program: try ChildProgram(["dependency", "--delay", String(slowness)], name: "dependency"),
            statistics: statistics)
        let (ports, portIsKnown) = AsyncStream<Int>.makeStream()
        let server = Application(
            router: Routes(ledger: ledger, dependency: dependency, statistics: statistics).router,
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? port
                printNow("http://127.0.0.1:\(port)/")
                printNow(endpoint.url)
                portIsKnown.yield(port)
            },
            logger: logger)

        // Shut down from the last to the first: the load before the server, the dependency after it, the endpoint at the end.
        var services: [(name: String, service: any Service)] = [
            ("debug endpoint", DebugServerService(stopping: endpoint)),
            ("dependency answers", dependency),
            ("http server", server),
            ("ledger audit", LedgerAudit(ledger: ledger, statistics: statistics)),
        ]
        if load > 0 { services.append(("load", LoadProgram(clients: load, ports: ports))) }
        if let seconds { services.append(("time limit", TimeLimit(duration: .seconds(seconds)))) }
        let configurations = services.map {
            ServiceGroupConfiguration.ServiceConfiguration(
                service: NamedService(name: $0.name, service: $0.service),
                successTerminationBehavior: .gracefullyShutdownGroup)
        }
        do {
            try await ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: configurations, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
            ).run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw PortInUse(port: port)
        }
        printNow("done: \(statistics.numbers.value) numbers summed")
    }
}

struct PortInUse: Error, CustomStringConvertible {
    let port: Int

    var description: String { "127.0.0.1:\(port) is in use: give another --port, or 0 for any free one" }
}

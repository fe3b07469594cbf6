// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// One executable, three programs: the service, the slow program it depends on, and clients that keep it busy.
/// The latter two run as processes of their own, so that what the endpoint shows is the service alone.
@main
struct BusyService: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "BusyService",
        abstract: "An HTTP service with work to do, and a debug endpoint that shows how it does it.",
        subcommands: [ServeCommand.self, DependencyCommand.self, LoadCommand.self],
        defaultSubcommand: ServeCommand.self)
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc

/// Runs without standard input, output and error, so that the server's sockets get their numbers. Reports to the file in the
/// second argument.
enum ClosedStreams {
    @Sendable static func run() throws {
        let path = CommandLine.arguments[2]
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] { close(descriptor) }
        let registry = VariableRegistry()
        let first = try startServer(registry)
        // A problem, which is logged to standard error: whatever has that number now must not be hurt.
        registry.counter("no name").increment()
        let second = try startServer(registry)
        let answers = try [first, second].map { try DebugClient($0).get("/debug/vars").status }
        let taken = Proc.names(in: "/proc/self/fd").compactMap { Int32($0) }.filter { $0 < 3 }.count
        let ordinary = try DebugClient(first).get("/debug/vars").text.hasPrefix("{")
        first.stop()
        let isRefused = (try? DebugClient(port: first.port).connect()) == nil
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        report("standard_numbers_taken", taken, to: file)
        report("right_answers", answers.filter { $0 == 200 }.count, to: file)
        report("answer_is_a_document", ordinary, to: file)
        report("is_refused_after_stop", isRefused, to: file)
        report("other_server_answers", try DebugClient(second).get("/debug/").status, to: file)
        second.stop()
        close(file)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import Glibc

/// What `DEBUG_ENDPOINT_TRACE` makes the process print, as lines with their numbers. The first argument is its value.
enum TraceOutput {
    @Sendable static func run() throws {
        let settings = CommandLine.arguments.count > 2 ? CommandLine.arguments[2] : ""
        let wanted = CommandLine.arguments.count > 3 ? Int(CommandLine.arguments[3]) ?? 1 : 1
        setenv("DEBUG_ENDPOINT_TRACE", settings, 1)
        unsetenv("DEBUG_ENDPOINT")
        let ends = openPipe()
        dup2(ends.writing, STDERR_FILENO)
        close(ends.writing)
        // No address is given: there is no server, and the lines come all the same.
        report("has_server", try DebugServer.startFromEnvironment() != nil)
        let server = try startServer()
        var text: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        _ = fcntl(ends.reading, F_SETFL, O_NONBLOCK)
        let deadline = ContinuousClock.now + .seconds(wanted == 0 ? 1 : 30)
        while text.count(where: { $0 == UInt8(ascii: "\n") }) < max(wanted, 1), ContinuousClock.now < deadline {
            let count = read(ends.reading, &part, part.count)
            if count > 0 { text += part[..<count] } else { usleep(2000) }
        }
        for (index, line) in String(decoding: text, as: UTF8.self).split(separator: "\n").enumerated() {
            report("line_\(index)", String(line))
        }
        server.stop()
    }
}

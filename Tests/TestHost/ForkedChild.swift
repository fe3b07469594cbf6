// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc

/// The host forks while a server runs: children that leave at once, one that stays, and one that becomes another program.
enum ForkedChild {
    @Sendable static func run() throws {
        let before = descriptorsAfterExec()
        let server = try startServer()
        let client = DebugClient(server)
        var right = 0
        for _ in 0..<50 {
            let child = forkProcess()
            if child == 0 { _exit(0) }
            if try client.get("/debug/vars").status == 200 { right += 1 }
            var status: Int32 = 0
            waitpid(child, &status, 0)
        }
        report("right_answers", right)
        report("descriptors_without_a_server", before)
        report("descriptors_with_one", descriptorsAfterExec())

        // A child that stays has the listening socket too, as long as it does not become another program.
        let staying = forkProcess()
        if staying == 0 {
            pause()
            _exit(0)
        }
        defer {
            kill(staying, SIGKILL)
            var status: Int32 = 0
            waitpid(staying, &status, 0)
        }
        report("answer_beside_a_child", try client.get("/debug/vars").status)
        server.stop()
        report("is_refused_after_stop", (try? client.connect()) == nil)
        let next = try DebugServer.start(.init(address: .loopback(port: server.port), registry: VariableRegistry()))
        report("answer_on_the_same_port", try DebugClient(next).get("/debug/vars").status)
        next.stop()
    }

    /// How many descriptors a program has that this process starts.
    private static func descriptorsAfterExec() -> Int {
        let ends = openPipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends.writing, STDOUT_FILENO)
        var arguments: [UnsafeMutablePointer<CChar>?] = ["ls", "-1", "/proc/self/fd"].map { (text: String) in
            strdup(text)
        }
        arguments.append(nil)
        var child = pid_t()
        let failure = posix_spawnp(&child, "ls", &actions, nil, &arguments, environ)
        close(ends.writing)
        guard failure == 0 else { return -1 }
        var text: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while case let count = read(ends.reading, &part, part.count), count > 0 { text += part[..<count] }
        close(ends.reading)
        var status: Int32 = 0
        waitpid(child, &status, 0)
        for argument in arguments { free(argument) }
        return text.split(separator: UInt8(ascii: "\n")).count
    }
}

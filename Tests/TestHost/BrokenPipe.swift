// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc

/// SIGPIPE has its default action, which ends the process; clients leave in the middle of large answers.
enum BrokenPipe {
    @Sendable static func run() throws {
        signal(SIGPIPE, SIG_DFL)
        var mask = sigset_t()
        sigemptyset(&mask)
        sigaddset(&mask, SIGPIPE)
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
        report("signal_of_a_careless_child", signalOfCarelessChild())

        let registry = VariableRegistry()
        let text = registry.text("large")
        text.set(String(repeating: "0123456789abcdef", count: 1 << 15))
        var template = Array("/tmp/broken-pipe-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return report("directory", "none") }
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { rmdir(directory) }
        // Over TCP the server is told of a reset first; a Unix socket breaks its pipe at once.
        try leave(.loopback(port: 0), "tcp", registry)
        try leave(.unixSocket(directory + "/debug.sock"), "unix", registry)
        report("survived", true)
    }

    private static func leave(_ address: DebugServer.Address, _ name: String, _ registry: VariableRegistry) throws {
        let server = try DebugServer.start(.init(address: address, registry: registry))
        let client = DebugClient(server)
        // More than the kernel takes for a client that does not read, so that the server still writes when it has gone.
        let request = "GET /debug/vars?match=large HTTP/1.1\r\nHost: localhost\r\n\r\n"
        let requests = Array(String(repeating: request, count: 20).utf8)
        var begun = 0
        for round in 0..<25 {
            let connection = try client.connect()
            _ = client.write(requests, to: connection)
            var part = [UInt8](repeating: 0, count: 1000)
            if read(connection, &part, part.count) > 0 { begun += 1 }
            if round % 2 == 0 {
                // A reset, instead of an orderly end.
                var option = linger(l_onoff: 1, l_linger: 0)
                setsockopt(connection, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
            }
            close(connection)
        }
        report("\(name)_answers_begun", begun)
        let answer = try client.get("/debug/vars?match=large")
        report("\(name)_size_of_a_whole_answer", answer.body.count)
        server.stop()
    }

    /// What ends a child that writes into a pipe nobody reads: shows that the default action is in force.
    private static func signalOfCarelessChild() -> Int32 {
        let ends = openPipe()
        close(ends.reading)
        let child = forkProcess()
        if child == 0 {
            _ = write(ends.writing, "x", 1)
            _exit(0)
        }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        close(ends.writing)
        return status & 0x7F
    }
}

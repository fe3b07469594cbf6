// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc

/// Starts servers as environment variables say.
enum EnvironmentStart {
    private static let token = "a-token-of-the-test"

    @Sendable static func run() throws {
        for (name, address) in [("unset", nil), ("empty", "")] as [(String, String?)] {
            set("DEBUG_ENDPOINT", address)
            report(name, try DebugServer.startFromEnvironment() == nil ? "nil" : "a server")
        }

        let port = freePort()
        set("DEBUG_ENDPOINT", "127.0.0.1:\(port)")
        let server = try DebugServer.startFromEnvironment(.init(registry: registry()))
        report("port_is_as_asked", server?.port == port)
        report(
            "answer_at_port",
            (try? DebugClient(port: port).get("/debug/vars").text.contains("\"from_environment_total\": 1")) == true)
        server?.stop()

        var template = Array("/tmp/environment-start-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return report("directory", "none") }
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { rmdir(directory) }
        set("DEBUG_ENDPOINT", "unix:\(directory)/debug.sock")
        let other = try DebugServer.startFromEnvironment()
        report("socket_is_as_asked", other?.url == "unix:\(directory)/debug.sock")
        report("answer_at_socket", try other.map { try DebugClient($0).get("/debug/vars").status } ?? 0)
        other?.stop()

        for (index, text) in [
            "here", "127.0.0.1", "127.0.0.1:port", "127.0.0.1:70000", "::1:6060", "unix:debug.sock", ":6060",
        ].enumerated() {
            set("DEBUG_ENDPOINT", text)
            report("malformed_\(index)", refusal(text))
        }
        set("DEBUG_ENDPOINT", "0.0.0.0:0")
        report("unprotected", refusal("0.0.0.0:0"))

        set("DEBUG_ENDPOINT_TOKEN", token)
        let protected = try DebugServer.startFromEnvironment()
        let client = DebugClient(port: protected?.port ?? 0)
        report("with_token", try client.get("/debug/vars", headers: ["Authorization": "Bearer \(token)"]).status)
        report("without_token", try client.get("/debug/vars").status)
        report(
            "with_another_token", try client.get("/debug/vars", headers: ["Authorization": "Bearer x\(token)"]).status)
        protected?.stop()

        set("DEBUG_ENDPOINT_TOKEN", "")
        report("with_an_empty_token", refusal("0.0.0.0:0"))
    }

    /// The kind of the error and whether its sentence has what was given.
    private static func refusal(_ text: String) -> String {
        do throws(DebugServerError) {
            let server = try DebugServer.startFromEnvironment()
            server?.stop()
            return "started"
        } catch {
            return "\(error.code) \(error.description.contains(text)) \(error.description)"
        }
    }

    private static func registry() -> VariableRegistry {
        let registry = VariableRegistry()
        registry.counter("from_environment_total").increment()
        return registry
    }

    /// One that was free a moment ago.
    private static func freePort() -> Int {
        guard let server = try? startServer() else { return 0 }
        defer { server.stop() }
        return server.port
    }

    private static func set(_ name: String, _ value: String?) {
        if let value { setenv(name, value, 1) } else { unsetenv(name) }
    }
}

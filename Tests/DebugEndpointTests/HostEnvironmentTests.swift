// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// `startFromEnvironment`, in a process of its own: environment variables are the process's.
import Testing

struct HostEnvironmentTests {
    @Test func serversStartAsTheEnvironmentSays() throws {
        let host = try HostProcess("environment-start", limit: .seconds(60))
        #expect(host.values["unset"] == "nil")
        #expect(host.values["empty"] == "nil")
        #expect(host.values["port_is_as_asked"] == "true")
        #expect(host.values["answer_at_port"] == "true")
        #expect(host.values["socket_is_as_asked"] == "true")
        #expect(host.number("answer_at_socket") == 200)
    }

    @Test func whatIsNoAddressIsRefusedWithASentence() throws {
        let host = try HostProcess("environment-start", limit: .seconds(60))
        for index in 0..<7 {
            // The kind of error, whether its sentence repeats what was given, and the sentence.
            let refusal = host.values["malformed_\(index)"] ?? "none"
            #expect(refusal.hasPrefix("invalidAddress true"), "\(refusal)")
            #expect(refusal.hasSuffix("give host:port, [IPv6]:port or unix:/path"))
        }
        #expect(host.values["malformed_7"] == nil)
    }

    @Test func theTokenOfTheEnvironmentIsAskedFor() throws {
        let host = try HostProcess("environment-start", limit: .seconds(60))
        #expect(host.values["unprotected"]?.hasPrefix("unprotectedAddress") == true)
        #expect(host.number("with_token") == 200)
        #expect(host.number("without_token") == 401)
        #expect(host.number("with_another_token") == 401)
        #expect(host.values["with_an_empty_token"]?.hasPrefix("unprotectedAddress") == true)
    }
}

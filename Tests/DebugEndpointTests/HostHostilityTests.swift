// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Everything at once, for HOSTILE_SECONDS seconds: 10 where it is not set.
import Foundation
import Testing

struct HostHostilityTests {
    private static let seconds = ProcessInfo.processInfo.environment["HOSTILE_SECONDS"].flatMap { Int($0) } ?? 10

    @Test func aHostInsideMallocTheLoaderAndTheRuntimeGoesOnWhileEverythingIsAsked() throws {
        let host = try HostProcess("hostile-mix", ["\(Self.seconds)"], limit: .seconds(Self.seconds + 500))
        #expect(host.number("workers") == 12)
        #expect(host.number("workers_that_go_on") == 12, "\(host.output)")
        #expect(host.number("askers") == 5)
        #expect(host.number("askers_that_go_on") == 5, "\(host.output)")
        #expect(host.number("wrong_answers") == 0, "\(host.values["statuses"] ?? "")")
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A process for tests that own process state: the first argument names the scenario, each in a file of its own. A scenario
// prints what it found as lines of `name value` and ends with status 0.
import Glibc

@main
struct TestHost {
    static func main() {
        let name = CommandLine.arguments.dropFirst().first ?? ""
        guard let scenario = scenarios[name] else {
            print("there is no scenario \"\(name)\": give one of \(scenarios.keys.sorted().joined(separator: ", "))")
            exit(2)
        }
        do {
            try scenario()
        } catch {
            print("scenario \(name) failed: \(error)")
            exit(1)
        }
    }

    private static let scenarios: [String: @Sendable () throws -> Void] = [
        "blocked-pool": BlockedPool.run,
        "blocked-variable": BlockedVariable.run,
        "broken-pipe": BrokenPipe.run,
        "closed-streams": ClosedStreams.run,
        "dropped-privileges": DroppedPrivileges.run,
        "forked-child": ForkedChild.run,
        "host-signals": HostSignals.run,
        "mutated-requests": MutatedRequests.run,
        "refused-certificates": RefusedCertificates.run,
        "repeated-starts": RepeatedStarts.run,
    ]
}

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
        "attribution": Attribution.run,
        "blocked-pool": BlockedPool.run,
        "blocked-variable": BlockedVariable.run,
        "blocked-signal": BlockedSignal.run,
        "broken-pipe": BrokenPipe.run,
        "closed-streams": ClosedStreams.run,
        "deaf-threads": DeafThreads.run,
        "dropped-privileges": DroppedPrivileges.run,
        "environment-start": EnvironmentStart.run,
        "forked-child": ForkedChild.run,
        "heap-profiles": HeapProfiles.run,
        "heap-retention": HeapRetention.run,
        "heap-size": HeapSize.run,
        "heap-types": HeapTypes.run,
        "heap-unrest": HeapUnrest.run,
        "host-signals": HostSignals.run,
        "hostile-mix": HostileMix.run,
        "idle-cost": IdleCost.run,
        "interrupted-calls": InterruptedCalls.run,
        "late-threads": LateThreads.run,
        "many-threads": ManyThreads.run,
        "mutated-requests": MutatedRequests.run,
        "profiling-signal": ProfilingSignal.run,
        "refused-certificates": RefusedCertificates.run,
        "reporter-at-work": ReporterAtWork.run,
        "repeated-starts": RepeatedStarts.run,
        "runtime-cgroup": RuntimeCgroup.run,
        "runtime-figures": RuntimeFigures.run,
        "runtime-memory": RuntimeMemory.run,
        "runtime-probe": RuntimeProbe.run,
        "shared-profile": SharedProfile.run,
        "stuck-loader": StuckLoader.run,
        "timer-limit": TimerLimit.run,
        "trace-output": TraceOutput.run,
        "unlooked-heap": HeapBeforeALook.run,
        "unsampled-heap": UnsampledHeap.run,
    ]
}

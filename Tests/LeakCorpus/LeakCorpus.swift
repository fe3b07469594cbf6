// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// One situation a process, for the leak detector's tests. The first argument names the scenario; `--list` prints all.
//
// Prints the truth as one line of JSON once everybody stands where they are to stand. Then it reads commands:
// `release` wakes those that can be woken and prints who ended, `drop` destroys the last reference to what the silent
// ones wait for and prints who is stuck from then on. It lives until its input ends.
import Foundation

@main
enum LeakCorpus {
    static func main() {
        let name = CommandLine.arguments.dropFirst().first ?? ""
        if name == "--list" {
            for scenario in scenarios { Output.line(ScenarioSummary(scenario)) }
            return
        }
        guard let scenario = scenarios.first(where: { $0.name == name }) else {
            print("there is no scenario \"\(name)\": --list prints them")
            exit(2)
        }
        // A pool's thread that starts a process has nearly every signal blocked, and the process inherits that.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        ScenarioRun.perform(scenario)
        exit(0)
    }

    static let scenarios =
        microScenarios + patternScenarios + kernelScenarios + swiftKindScenarios + controlScenarios
}

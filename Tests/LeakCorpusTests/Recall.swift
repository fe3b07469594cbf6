// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

/// How many of the stuck waiters were reported, and how many others, over all scenarios that have been run.
enum Recall {
    /// Of one scenario.
    struct Tally {
        var found = 0
        var bestVerdicts = 0
        var accused = 0
    }

    private struct Count {
        var scenarios = 0
        var stuck = 0
        var total = Tally()

        mutating func add(_ stuck: Int, _ tally: Tally) {
            scenarios += 1
            self.stuck += stuck
            total.found += tally.found
            total.bestVerdicts += tally.bestVerdicts
            total.accused += tally.accused
        }
    }

    private static let tallies = Mutex<[(scenario: CorpusScenario, tally: Tally)]>([])

    static func note(_ scenario: CorpusScenario, _ tally: Tally) {
        tallies.withLock { $0.append((scenario, tally)) }
    }

    /// False as long as nothing has been run.
    static func isComplete(but exceptions: Set<String>) -> Bool {
        tallies.withLock { tallies in
            !tallies.isEmpty
                && tallies.allSatisfy { scenario, tally in
                    tally.accused == 0 && (tally.found == scenario.stuck || exceptions.contains(scenario.name))
                }
        }
    }

    /// A line for each group and one for all.
    static var summary: String {
        var all = Count()
        var groups: [String: Count] = [:]
        for (scenario, tally) in tallies.withLock({ $0 }) {
            groups[scenario.group, default: Count()].add(scenario.stuck, tally)
            all.add(scenario.stuck, tally)
        }
        let lines = groups.sorted { $0.key < $1.key }.map { "recall, \($0.key): \(sentence($0.value))" }
        return (lines + ["recall, all: \(sentence(all))"]).joined(separator: "\n")
    }

    private static func sentence(_ count: Count) -> String {
        "\(count.total.found) of \(count.stuck) stuck waiters in \(count.scenarios) scenarios, "
            + "\(count.total.bestVerdicts) with the best verdict, \(count.total.accused) accused wrongly"
    }
}

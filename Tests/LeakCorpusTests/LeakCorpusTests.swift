// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Every scenario of the corpus, each in a process of its own: what is reported against what the scenario knows.
import Testing

@Suite(.serialized) struct LeakCorpusTests {
    /// Scenarios of which not everybody is found, with the reason. Found are all.
    static let exceptions = [
        "handle-in-a-mutex":
            "Swift 6.3 has no type for fields that cannot be copied: it may be a continuation"
    ]

    @Test(arguments: CorpusScenario.leaks)
    func everyStuckWaiterIsReportedWithItsVerdictAndNobodyElseIs(_ scenario: CorpusScenario) throws {
        var tally = Recall.Tally()
        defer { Recall.note(scenario, tally) }
        let outcome = try CorpusRuns.shared.outcome(of: scenario, .released, among: CorpusScenario.leaks)
        let (truth, report) = (outcome.truth, outcome.report)
        try #require(truth.stuck.count == scenario.stuck)
        for waiter in truth.stuck {
            let name = "\(waiter.kind) \(waiter.name ?? String(waiter.id))"
            guard let leak = report[waiter.kind, waiter.id] else {
                if Self.exceptions[scenario.name] == nil {
                    Issue.record("\(name) is stuck and not reported; reported are:\n\(report.shown)")
                }
                continue
            }
            tally.found += 1
            tally.bestVerdicts += leak.verdict == waiter.verdicts.first ? 1 : 0
            #expect(waiter.verdicts.contains(leak.verdict), "\(leak.shown)")
            #expect(waiter.certainties.contains(leak.certainty), "\(leak.shown)")
            #expect(leak.stack.contains { $0.function != nil }, "\(leak.shown)")
            // What tasks wait for has names of its own in the report.
            if waiter.kind == "thread" { #expect(waiter.primitives.contains(leak.waitingOn.primitive), "\(name)") }
        }
        tally.accused = expectNobodyElse(report, truth)
        #expect(outcome.stillWaiting.isEmpty, "those that are silent could be woken")
    }

    @Test(arguments: CorpusScenario.controls)
    func nobodyWhoCanBeWokenIsAccused(_ scenario: CorpusScenario) throws {
        var tally = Recall.Tally()
        defer { Recall.note(scenario, tally) }
        let outcome = try CorpusRuns.shared.outcome(of: scenario, .released, among: CorpusScenario.controls)
        tally.accused = expectNobodyElse(outcome.report, outcome.truth)
        #expect(outcome.stillWaiting.isEmpty, "they could be woken")
    }

    /// The twin of the test above: what kept them silent is the reference that the scenario is about, and nothing else.
    @Test(arguments: CorpusScenario.controls)
    func withoutItsReferenceTheWaiterIsReported(_ scenario: CorpusScenario) throws {
        let outcome = try CorpusRuns.shared.outcome(of: scenario, .dropped, among: CorpusScenario.controls)
        let (truth, report) = (outcome.truth, outcome.report)
        // Where time or the kernel wakes them, there is no reference to take away.
        guard let stuck = outcome.dropped else { return }
        try #require(!stuck.isEmpty)
        for waiter in truth.silent where waiter.name.map(stuck.contains) ?? false {
            let id = try #require(waiter.id)
            #expect(
                report[waiter.kind, id] != nil, "\(waiter.kind) \(waiter.name ?? ""); reported are:\n\(report.shown)")
        }
        let known = Set((truth.silent + truth.either).compactMap { $0.id })
        #expect(report.leaks.allSatisfy { known.contains($0.id) }, "\(report.shown)")
    }

    /// Last in the suite, which runs in order: what the scenarios that were run come to.
    @Test func recallIsComplete() {
        print(Recall.summary)
        #expect(Recall.isComplete(but: Set(Self.exceptions.keys)))
        #expect(CorpusScenario.leaks.count >= 120 && CorpusScenario.controls.count >= 60, "the corpus is there")
    }

    /// Returns how many others are accused.
    private func expectNobodyElse(_ report: CorpusReport, _ truth: CorpusTruth) -> Int {
        var expected = Set(truth.stuck.map { CorpusReport.Waiter(kind: $0.kind, id: $0.id) })
        for other in truth.either {
            if let id = other.id { expected.insert(CorpusReport.Waiter(kind: other.kind, id: id)) }
        }
        let others = report.leaks.filter { !expected.contains($0.waiter) }
        #expect(others.isEmpty, "\(others.map(\.shown).prefix(20).joined(separator: "\n"))")
        return others.count
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation

/// Runs scenarios ahead of the tests that ask for them, as many at a time as there are cores: each is a process of its own, and
/// most of its time is waiting for its threads to stand still.
final class CorpusRuns: @unchecked Sendable {
    // Safe: everything that changes is used under the condition's lock only.

    /// What is done with a scenario that stands.
    enum Course: Hashable {
        /// It is scanned, and those who can be woken are.
        case released
        /// What keeps the silent ones awake is destroyed first.
        case dropped
    }

    struct Outcome {
        let truth: CorpusTruth
        let report: CorpusReport
        /// Who still waits although they were to be woken.
        var stillWaiting: [String] = []
        /// Who was stuck from `drop` on; nil where there is nothing to drop.
        var dropped: Set<String>?
    }

    struct Job: Hashable {
        let scenario: String
        let course: Course
    }

    static let shared = CorpusRuns()

    private let condition = NSCondition()
    private var waiting: [Job] = []
    private var outcomes: [Job: Result<Outcome, any Error>] = [:]
    private var workers = 0

    private static let width = min(4, max(2, ProcessInfo.processInfo.activeProcessorCount))

    struct Silence: Error, CustomStringConvertible { let description: String }

    /// Blocks until the scenario has been run; the first to ask has all of `scenarios` run.
    func outcome(of scenario: CorpusScenario, _ course: Course, among scenarios: [CorpusScenario]) throws -> Outcome {
        condition.lock()
        defer { condition.unlock() }
        let job = Job(scenario: scenario.name, course: course)
        if outcomes[job] == nil, !waiting.contains(job), !started.contains(job) {
            waiting += scenarios.map { Job(scenario: $0.name, course: course) }
            while workers < Self.width {
                workers += 1
                Thread { self.work() }.start()
            }
        }
        let deadline = Date(timeIntervalSinceNow: 300)
        while outcomes[job] == nil {
            guard condition.wait(until: deadline) else {
                throw Silence(description: "\(scenario.name) has not been run within five minutes")
            }
        }
        guard let outcome = outcomes[job] else { throw Silence(description: "\(scenario.name) has no outcome") }
        return try outcome.get()
    }

    private var started: Set<Job> = []

    private func work() {
        condition.lock()
        while !waiting.isEmpty {
            let job = waiting.removeFirst()
            started.insert(job)
            condition.unlock()
            let outcome = Result { try Self.run(job) }
            condition.lock()
            outcomes[job] = outcome
            condition.broadcast()
        }
        workers -= 1
        condition.unlock()
    }

    private static func run(_ job: Job) throws -> Outcome {
        let process = try CorpusProcess(job.scenario)
        let truth = process.truth
        switch job.course {
        case .released:
            var outcome = Outcome(truth: truth, report: try CorpusReport(of: process))
            if !truth.silent.isEmpty { outcome.stillWaiting = try process.release().stillWaiting }
            return outcome
        case .dropped:
            let dropped = truth.canDrop ? Set(try process.drop().stuck) : nil
            return Outcome(truth: truth, report: try CorpusReport(of: process), dropped: dropped)
        }
    }
}

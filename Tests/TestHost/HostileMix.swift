// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc
import Synchronization

/// Everything is asked of a process at once whose threads are inside malloc, the loader, Swift's runtime and the unwinder.
/// The second argument is for how many seconds.
enum HostileMix {
    @Sendable static func run() throws {
        let seconds = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 10
        let server = try startServer()
        var client = DebugClient(server)
        // Twelve busy threads leave the endpoint a fifteenth of what a busy machine gives to all of them: an answer that takes a
        // second may then take a minute. Who hangs still hangs after three.
        client.timeout = .seconds(180)
        let workers = HostileWorker.startAll()
        let askers =
            [
                "profile?seconds=2&hz=1000", "goroutine?debug=2", "goroutine",
            ].map { Asker(client, "/debug/pprof/" + $0) }
            + ["threads?format=json", "tasks?format=json"].map { Asker(client, "/debug/" + $0) }
        let end = ContinuousClock.now + .seconds(seconds)
        eventually(within: .seconds(seconds)) { ContinuousClock.now >= end }

        // Who is stuck stays stuck: whoever still comes one round further was not.
        let rounds = workers.map(\.rounds)
        let answers = askers.map(\.answers)
        eventually(within: .seconds(400)) {
            zip(workers, rounds).allSatisfy { $0.rounds > $1 + 1 }
                && zip(askers, answers).allSatisfy { $0.answers > $1 + 1 }
        }
        report("workers", workers.count)
        report("workers_that_go_on", zip(workers, rounds).filter { $0.rounds > $1 + 1 }.count)
        report("askers", askers.count)
        report("askers_that_go_on", zip(askers, answers).filter { $0.answers > $1 + 1 }.count)
        report("wrong_answers", askers.map(\.wrongAnswers).reduce(0, +))
        for worker in workers { report("rounds_of_\(worker.name)", worker.rounds) }
        for asker in askers { report("answers_of_\(asker.path)", asker.answers) }
        report("statuses", Set(askers.flatMap(\.statuses)).sorted().joined(separator: ","))
        server.stop()
    }

    /// A client that asks for the same again and again.
    private final class Asker: Sendable {
        let path: String
        /// By status, or by what the client found instead of an answer.
        private let counts = Mutex<[String: Int]>([:])

        init(_ client: DebugClient, _ path: String) {
            self.path = path
            startThread {
                while true {
                    let answer: String
                    do { answer = try String(client.get(path).status) } catch { answer = "\(error)" }
                    self.counts.withLock { $0[answer, default: 0] += 1 }
                }
            }
        }

        var answers: Int { counts.withLock { $0.values.reduce(0, +) } }
        var wrongAnswers: Int { counts.withLock { $0.filter { $0.key != "200" }.values.reduce(0, +) } }
        var statuses: [String] { counts.withLock { Array($0.keys) } }
    }
}

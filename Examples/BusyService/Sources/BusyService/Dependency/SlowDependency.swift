// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ServiceLifecycle

/// The slow program's face in this process: whoever asks waits on a continuation until its line comes back.
actor SlowDependency: Service {
    struct Unavailable: Error {}

    private let program: ChildProgram
    private let statistics: ServiceStatistics

    /// In the order of asking, which is the order of the answers.
    private var waiting: [CheckedContinuation<String, any Error>] = []
    private var hasEnded = false

    init(program: ChildProgram, statistics: ServiceStatistics) {
        self.program = program
        self.statistics = statistics
    }

    /// Asks for the rate of a currency. Waits for those who asked before.
    /// - Throws: ``Unavailable`` when the program has ended or ends meanwhile.
    func rate(of currency: String) async throws -> Double? {
        guard !hasEnded else { throw Unavailable() }
        let answer = try await withCheckedThrowingContinuation { continuation in
            do {
                try program.send(currency)
                waiting.append(continuation)
                statistics.dependencyWaiting.set(Double(waiting.count))
            } catch {
                continuation.resume(throwing: Unavailable())
            }
        }
        return Double(answer)
    }

    /// Hands each answer to who has waited longest, until shut down.
    func run() async throws {
        await withGracefulShutdownHandler {
            for await answer in program.output {
                guard !waiting.isEmpty else { continue }
                waiting.removeFirst().resume(returning: answer)
                statistics.dependencyWaiting.set(Double(waiting.count))
            }
            hasEnded = true
            for continuation in waiting { continuation.resume(throwing: Unavailable()) }
            waiting = []
            statistics.dependencyWaiting.set(0)
            // The service goes on without it.
            try? await gracefulShutdown()
        } onGracefulShutdown: { [program] in
            program.end()
        }
    }
}

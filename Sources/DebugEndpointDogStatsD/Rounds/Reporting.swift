// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import Glibc
import MicroHTTP

/// One reporter's work: rounds when they are due, sending what waits, and telling how it goes.
///
/// Made and used by the reporter's thread only.
final class Reporting {
    private let configuration: RuntimeMetricsReporter.Configuration
    private let outbox: Outbox
    private let writer: LineWriter
    private let tally: ReporterTally
    private let stopSignal: Event
    private let readRuntime: () -> [RuntimeReading]
    private var telemetry = ClientTelemetry()
    private var toldProblem: String?
    private var sentAtLastWait = -1

    /// How long a round waits for a slow agent, all in all.
    static let patience = Duration.milliseconds(100)
    /// How long the last values may take when the reporter stops.
    static let farewell = Duration.milliseconds(500)

    init(_ configuration: RuntimeMetricsReporter.Configuration, rules: AddressRules, stopSignal: Event) {
        self.configuration = configuration
        self.stopSignal = stopSignal
        tally = ReporterTally(configuration.registry)
        readRuntime = configuration.surroundings.makeRuntimeReader()
        let surroundings = configuration.surroundings
        outbox = Outbox(limit: surroundings.bufferLimit, tally: tally, interruption: stopSignal) {
            let choice = try rules.choose()
            let reported =
                choice.takesReportedPort
                ? AgentReport.statsdPort(surroundings.environment, socket: surroundings.agentSocket) : nil
            return try AgentSocket(choice.address(reportedPort: reported))
        }
        let isPlain = configuration.dialect == .plain
        let format = LineFormat(
            dialect: configuration.dialect, prefix: configuration.prefix,
            commonTags: isPlain
                ? [] : TagList(configured: configuration.tags, environment: surroundings.environment).tags,
            origin: isPlain ? .none : Origin(surroundings.environment, surroundings.container))
        writer = LineWriter(format: format, outbox: outbox, tally: tally)
    }

    /// Works until the stop signal is raised, then sends the last values.
    func run() {
        var schedule = RoundSchedule(from: .now, every: configuration.interval)
        while !SocketWait.wait(stopSignal.descriptor, for: POLLIN, until: .now) {
            let now = ContinuousClock.now
            if schedule.isDue(at: now) {
                round(until: now + Self.patience)
                schedule.advance(at: .now)
            } else {
                outbox.drain(until: .now)
            }
            tell()
            wait(until: schedule.next)
        }
        outbox.beginFarewell()
        let deadline = ContinuousClock.now + Self.farewell
        round(until: deadline)
        outbox.drain(until: deadline)
        outbox.abandon()
        tell()
    }

    private func round(until deadline: ContinuousClock.Instant) {
        let readings = readRuntime()
        writer.beginRound(timestamp: configuration.surroundings.wallClock(), deadline: deadline)
        RuntimeRound(writer: writer).write(readings)
        if configuration.sendsRegistry { RegistryRound(writer: writer).write(configuration.registry) }
        if configuration.sendsTelemetry { telemetry.write(to: writer, transport: outbox.transport) }
        writer.endRound()
    }

    /// Sleeps until the next round, the next attempt to connect, room at the agent, or the stop signal.
    private func wait(until next: ContinuousClock.Instant) {
        let waitsForAgent = !outbox.isEmpty
        // A kernel that says there is room and then takes nothing must not keep the thread busy.
        if waitsForAgent, tally.totals.packetsSent == sentAtLastWait,
            SocketWait.wait(stopSignal.descriptor, for: POLLIN, until: min(next, .now + .milliseconds(10)))
        {
            return
        }
        sentAtLastWait = tally.totals.packetsSent
        let wakeUp = waitsForAgent && outbox.transport == nil ? min(next, outbox.nextAttempt) : next
        var waiters = [
            pollfd(fd: stopSignal.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: outbox.descriptorToWaitFor ?? -1, events: Int16(POLLOUT), revents: 0),
        ]
        _ = poll(&waiters, 2, SocketWait.milliseconds(until: wakeUp))
    }

    /// Shows the figures, and writes a line to the log when the agent goes and when it is back.
    private func tell() {
        let problem = outbox.problem
        tally.show(bufferedBytes: outbox.bufferedBytes, problem: problem)
        guard problem != toldProblem else { return }
        if let problem {
            configuration.log("metrics do not reach the agent: \(problem); trying again")
        } else {
            configuration.log("metrics reach the agent again")
        }
        toldProblem = problem
    }
}

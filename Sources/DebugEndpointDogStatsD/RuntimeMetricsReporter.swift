// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import HeapProfile
import MicroHTTP

/// Sends this process's runtime metrics to a Datadog agent, or to any StatsD server, every ten seconds.
///
/// It has a thread of its own and uses neither Swift concurrency nor Dispatch, so figures arrive when those are stuck. The
/// service never waits for it: while the agent is slow or away, at most 1 MiB is kept, and what finds no room is counted in
/// `dogstatsd_metrics_dropped_total`. It runs from `start` until `stop`, whether or not anybody keeps the object.
public final class RuntimeMetricsReporter: Sendable {
    private let stopSignal: Event
    private let ended: Event

    /// Starts a reporter and returns at once; the first values are sent right away.
    ///
    /// Counts begin at 0 with each reporter, so the first round sends what counters have counted until then.
    /// - Throws: ``RuntimeMetricsReporterError`` when an address or value cannot be understood, or the system has no thread or
    ///   descriptor to give. An agent that cannot be reached is none: it may come.
    @discardableResult
    public static func start(
        _ configuration: Configuration = Configuration()
    ) throws(RuntimeMetricsReporterError) -> RuntimeMetricsReporter {
        try RuntimeMetricsReporter(configuration)
    }

    /// Starts a reporter if the environment variable `DD_RUNTIME_METRICS_ENABLED` says `true` or `1`.
    /// - Returns: nil when the variable is not set or says something else.
    /// - Throws: ``RuntimeMetricsReporterError``, as ``start(_:)``.
    @discardableResult
    public static func startFromEnvironment(
        _ configuration: Configuration = Configuration()
    ) throws(RuntimeMetricsReporterError) -> RuntimeMetricsReporter? {
        guard configuration.surroundings.environment.flag("DD_RUNTIME_METRICS_ENABLED") == true else { return nil }
        return try start(configuration)
    }

    private init(_ configuration: Configuration) throws(RuntimeMetricsReporterError) {
        try configuration.check()
        let rules = AddressRules(
            option: configuration.address, environment: configuration.surroundings.environment,
            socket: configuration.surroundings.dogstatsdSocket)
        _ = try rules.choose()
        do throws(HTTPServerError) {
            stopSignal = try Self.makeEvent()
            ended = try Self.makeEvent()
        } catch {
            throw RuntimeMetricsReporterError(.systemRefused, error.description)
        }
        let started = ServiceThread.start(Self.threadName) { [stopSignal, ended] in
            AllocationSampling.markThreadAsOwn()
            Reporting(configuration, rules: rules, stopSignal: stopSignal).run()
            ended.raise()
        }
        guard started else {
            throw RuntimeMetricsReporterError(
                .systemRefused, "the system has no thread for the reporter: look at the process's limits")
        }
    }

    /// In a process whose standard streams are closed, a line that somebody writes to standard error must not raise an event.
    private static func makeEvent() throws(HTTPServerError) -> Event {
        var below: [Event] = []  // at most three
        while true {
            let event = try Event()
            if event.descriptor > STDERR_FILENO { return event }
            below.append(event)
        }
    }

    /// The kernel keeps 15 bytes of it.
    package static let threadName = "debug-dogstatsd"

    /// Sends the last values and ends the reporter. Returns within a second, even while a computed variable's closure or a
    /// name server keeps the thread; it then ends by itself. May be called again and from any thread.
    public func stop() {
        stopSignal.raise()
        ended.wait(milliseconds: 1000)
    }
}

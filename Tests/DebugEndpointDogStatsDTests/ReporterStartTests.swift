// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import Testing

@testable import DebugEndpointDogStatsD

/// What a reporter asks for before it begins.
@Suite struct ReporterStartTests {
    @Test(arguments: [Duration.zero, .milliseconds(99), .seconds(3601), .seconds(-1)])
    func otherIntervalsAreRefusedInASentence(interval: Duration) {
        var configuration = ReporterFixture.configuration("localhost:1", VariableRegistry())
        configuration.interval = interval
        let error = #expect(throws: RuntimeMetricsReporterError.self) {
            try RuntimeMetricsReporter.start(configuration)
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.description.contains("give 0.1 s to an hour") == true)
    }

    @Test(arguments: ["_a.", "a b", "a:", "é", "1", String(repeating: "a", count: 201)])
    func otherPrefixesAreRefused(prefix: String) {
        var configuration = ReporterFixture.configuration("localhost:1", VariableRegistry())
        configuration.prefix = prefix
        let error = #expect(throws: RuntimeMetricsReporterError.self) {
            try RuntimeMetricsReporter.start(configuration)
        }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test func badAddressesAreRefusedAtTheStart() {
        let error = #expect(throws: RuntimeMetricsReporterError.self) {
            try RuntimeMetricsReporter.start(ReporterFixture.configuration("tcp://a", VariableRegistry()))
        }
        #expect(error?.code == .invalidAddress)
    }

    @Test func theEnvironmentDecidesWhetherItStarts() throws {
        for value in ["", "false", "0", "maybe"] {
            let configuration = ReporterFixture.configuration(
                "127.0.0.1:9", VariableRegistry(), environment: ["DD_RUNTIME_METRICS_ENABLED": value])
            #expect(try RuntimeMetricsReporter.startFromEnvironment(configuration) == nil)
        }
        for value in ["true", "1", "True"] {
            let configuration = ReporterFixture.configuration(
                "127.0.0.1:9", VariableRegistry(), environment: ["DD_RUNTIME_METRICS_ENABLED": value])
            let reporter = try #require(try RuntimeMetricsReporter.startFromEnvironment(configuration))
            reporter.stop()
        }
    }
}

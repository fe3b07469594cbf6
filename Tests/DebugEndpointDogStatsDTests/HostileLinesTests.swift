// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import Foundation
import Testing

@testable import DebugEndpointDogStatsD

/// Whatever is registered or in the environment, no malformed line leaves the process.
@Suite struct HostileLinesTests {
    /// A fixed sequence (SplitMix64), the same in every run.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private static let pieces = [
        "a", "Z", "9", "_", ":", ".", ",", "|", "#", "@", "\n", "\r", "\t", " ", "\u{0}", "\u{7F}", "\u{85}",
        "\u{2028}", "é",
        "\u{1F600}", "|g", "|T5", "|c:x", "\\n", "%0A", "{", "\"", "=", "/", "-", "1e5", "\u{301}",
    ]

    private static func text(_ generator: inout Seeded, upTo length: Int = 12) -> String {
        (0..<Int.random(in: 0...length, using: &generator)).map { _ in
            pieces.randomElement(using: &generator) ?? ""
        }.joined()
    }

    private static func number(_ generator: inout Seeded) -> Double {
        let odd = [
            0, -0.0, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e-7, -1e300,
        ]
        return Bool.random(using: &generator)
            ? odd.randomElement(using: &generator) ?? 0 : Double(bitPattern: generator.next())
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func noMalformedLineLeavesTheProcess(seed: UInt64) throws {
        var generator = Seeded(state: seed)
        let registry = VariableRegistry()
        registry.counter("sentinel_total").increment()
        for _ in 0..<150 {
            let name = "v" + Self.text(&generator).filter { "aZ9_:".contains($0) }
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: registry.gauge(name).set(Self.number(&generator))
            case 1:
                registry.counter(Self.text(&generator)).increment(by: Int.random(in: 0...Int.max, using: &generator))
            case 2:
                let family = registry.gauge(name, labels: ["a", "b"])
                for _ in 0..<5 {
                    family[Self.text(&generator), Self.text(&generator, upTo: 40)].set(Self.number(&generator))
                }
            case 3:
                let histogram = registry.histogram(name, bounds: (0..<4).map { _ in Self.number(&generator) })
                for _ in 0..<20 { histogram.record(Self.number(&generator)) }
            default:
                let keys = (0..<4).map { _ in Self.text(&generator) }
                let values = (0..<4).map { _ in Self.number(&generator) }
                registry.computed(name) {
                    .object(Dictionary(zip(keys, values.map { .array([.double($0), .int(.min)]) })) { $1 })
                }
            }
        }
        let names = [
            "DD_ENV", "DD_SERVICE", "DD_VERSION", "DD_TAGS", "DD_ENTITY_ID", "DD_EXTERNAL_ENV", "DD_CARDINALITY",
        ]
        let environment = Dictionary(uniqueKeysWithValues: names.map { ($0, Self.text(&generator)) })
        let folder = try TemporaryFolder()
        for dialect in [RuntimeMetricsReporter.Dialect.dogStatsD, .plain] {
            let agent = try StubAgent(.unixDatagram, path: folder.path + "/\(dialect)")
            defer { agent.stop() }
            var configuration = ReporterFixture.configuration(
                agent.address, registry, environment: environment, dialect: dialect)
            configuration.tags = (0..<3).map { _ in Self.text(&generator) }
            let reporter = try RuntimeMetricsReporter.start(configuration)
            expectEventually { agent.text.contains("sentinel_total:1|c") && agent.payloads.count >= 3 }
            reporter.stop()
            let lines = try agent.lines()
            #expect(lines.count > 50)
            if dialect == .plain { #expect(lines.allSatisfy { $0.tags.isEmpty && $0.timestamp == nil }) }
        }
    }
}

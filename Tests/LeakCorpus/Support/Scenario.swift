// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// One situation: who waits for whom on what.
struct Scenario: Sendable {
    enum Group: String, Encodable, Sendable {
        case micro, pattern, kernel, control
        case swiftKind = "swift-kind"
    }

    let name: String
    let group: Group
    let summary: String
    /// How many waiters are stuck for ever.
    let stuck: Int
    /// Builds the situation and returns; what its frames held is gone afterwards.
    let build: @Sendable (Stage) -> Void

    init(
        _ name: String, _ group: Group, stuck: Int, _ summary: String, build: @escaping @Sendable (Stage) -> Void
    ) {
        self.name = name
        self.group = group
        self.summary = summary
        self.stuck = stuck
        self.build = build
    }

    /// A situation in which nobody is stuck.
    static func control(
        _ name: String, _ summary: String, build: @escaping @Sendable (Stage) -> Void
    ) -> Scenario {
        Scenario(name, .control, stuck: 0, summary, build: build)
    }
}

/// What `--list` says about a scenario.
struct ScenarioSummary: Encodable {
    let name: String
    let group: Scenario.Group
    let stuck: Int
    let summary: String

    init(_ scenario: Scenario) {
        name = scenario.name
        group = scenario.group
        stuck = scenario.stuck
        summary = scenario.summary
    }
}

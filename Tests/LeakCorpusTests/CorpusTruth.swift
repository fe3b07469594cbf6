// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What a scenario that stands says about itself.
struct CorpusTruth: Decodable, Sendable {
    struct Stuck: Decodable, Sendable {
        let kind: String
        let id: UInt64
        let name: String?
        let primitives: [String]
        /// Those that are right, best first.
        let verdicts: [String]
        let certainties: [String]
    }

    struct Other: Decodable, Sendable {
        let kind: String
        let id: UInt64?
        let name: String?
    }

    let scenario: String
    let url: String
    let stuck: [Stuck]
    let silent: [Other]
    /// May be accused or not.
    let either: [Other]
    /// Whether `drop` does anything.
    let canDrop: Bool
}

/// The answer to `release`.
struct CorpusRelease: Decodable, Sendable {
    let ended: [String]
    let stillWaiting: [String]
}

/// The answer to `drop`: who is stuck from then on.
struct CorpusDrop: Decodable, Sendable {
    let stuck: [String]
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The frames of addresses that were asked for. Bounded: when it is full it begins anew.
struct FrameCache {
    static let capacity = 65_536

    private var frames: [CodeAddress: [SourceFrame]] = [:]
    /// Grows when everything is dropped, so that what was looked up before does not come in after.
    private(set) var generation = 0

    var count: Int { frames.count }

    subscript(_ address: CodeAddress) -> [SourceFrame]? { frames[address] }

    mutating func insert(_ found: [SourceFrame], for address: CodeAddress, generation: Int) {
        guard generation == self.generation else { return }
        if frames.count >= Self.capacity { frames = [:] }
        frames[address] = found
    }

    mutating func removeAll() {
        frames = [:]
        generation += 1
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Symbols

@Suite struct FrameCacheTests {
    @Test func aFullCacheBeginsAnew() {
        var cache = FrameCache()
        for address in 0..<UInt(FrameCache.capacity) {
            cache.insert([SourceFrame(function: nil)], for: .instruction(address), generation: cache.generation)
        }
        #expect(cache.count == FrameCache.capacity)
        cache.insert([SourceFrame(function: "last")], for: .instruction(UInt.max), generation: cache.generation)
        #expect(cache.count == 1)
        #expect(cache[.instruction(UInt.max)]?.first?.function == "last")
    }

    @Test func whatWasLookedUpBeforeAModuleWentIsNotKept() {
        var cache = FrameCache()
        let before = cache.generation
        cache.removeAll()
        cache.insert([SourceFrame(function: "old")], for: .instruction(1), generation: before)
        #expect(cache[.instruction(1)] == nil)
        cache.insert([SourceFrame(function: "new")], for: .instruction(1), generation: cache.generation)
        #expect(cache[.instruction(1)]?.first?.function == "new")
    }
}

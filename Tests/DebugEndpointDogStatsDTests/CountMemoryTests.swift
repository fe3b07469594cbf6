// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import DebugEndpointDogStatsD

@Suite struct CountMemoryTests {
    @Test func onlyWhatWasTakenIsRemembered() {
        let memory = CountMemory<UInt64>()
        #expect(memory.rise(of: "a", to: 5) == 5)
        #expect(memory.rise(of: "a", to: 7) == 7)  // 5 was refused
        memory.remember("a", 7)
        #expect(memory.rise(of: "a", to: 7) == nil)
        #expect(memory.rise(of: "a", to: 9) == 2)
        #expect(memory.rise(of: "a", to: 1) == 1)  // begun anew
        #expect(memory.rise(of: "b", to: 0) == 0)
    }

    @Test func whatARoundHasNoMoreIsForgotten() {
        let memory = CountMemory<UInt64>()
        for key in ["a", "b"] { memory.remember(key, 5) }
        memory.forgetUnseen()
        _ = memory.rise(of: "a", to: 5)
        memory.forgetUnseen()
        #expect(memory.rise(of: "a", to: 5) == nil)
        #expect(memory.rise(of: "b", to: 5) == 5)
    }

    @Test func thousandsOfRoundsForgetNothingThatIsSeen() {
        let memory = CountMemory<UInt64>()
        for round in 1...1000 as ClosedRange<UInt64> {
            #expect(memory.rise(of: "a", to: round) == 1)
            memory.remember("a", round)
            memory.forgetUnseen()
        }
    }
}

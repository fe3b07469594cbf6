// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointTesting
import Testing
import Waits

/// Each passes.
@Suite(.serialized) struct CleanTests {
    @Test func nothingIsLeakedByWorkThatEnds() {
        #expect(expectNoLeaks { [1, 2, 3].reduce(0, +) } == 6)
    }

    @Test func aThreadThatWaitsForAGlobalIsNoLeak() {
        expectNoLeaks { waitForAGlobal() }
    }

    @Test func tasksThatEndAreNoLeaks() async {
        let sum = await expectNoLeaks {
            await withTaskGroup(of: Int.self) { group in
                for number in 1...100 { group.addTask { number } }
                return await group.reduce(0, +)
            }
        }
        #expect(sum == 5050)
    }

    @Test func whatWasLeakedBeforeDoesNotCount() async throws {
        loseSemaphores()
        loseContinuations()
        // Until both wait.
        try await Task.sleep(for: .milliseconds(300))
        expectNoLeaks {}
        await expectNoLeaks { await Task.yield() }
    }

    @Test func anErrorOfTheBodyComesThrough() async {
        #expect(throws: Refused.self) { try expectNoLeaks { throw Refused() } }
        await #expect(throws: Refused.self) {
            try await expectNoLeaks {
                await Task.yield()
                throw Refused()
            }
        }
    }
}

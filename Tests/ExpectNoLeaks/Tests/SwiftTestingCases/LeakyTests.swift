// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Each fails, with one issue at the line that ends in "here".
import DebugEndpointTesting
import Testing
import Waits

@Suite(.serialized) struct LeakyTests {
    @Test func aThreadWaitsForALostSemaphore() {
        expectNoLeaks(within: .seconds(30)) {  // here
            loseSemaphores()
        }
    }

    @Test func aTaskWaitsForALostContinuation() async {
        await expectNoLeaks(within: .seconds(30)) {  // here
            loseContinuations()
            await Task.yield()
        }
    }

    @MainActor
    @Test func theMainActorIsFineToo() async {
        await expectNoLeaks(within: .seconds(30)) {  // here
            loseContinuations()
            await Task.yield()
        }
    }

    @Test func theBodyThrowsAfterItLostSomething() {
        // Within a macro, lines are that of the macro.
        #expect(throws: Refused.self) {  // here
            try expectNoLeaks(within: .seconds(30)) {
                loseSemaphores()
                throw Refused()
            }
        }
    }
}

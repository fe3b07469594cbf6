// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Each fails, with one failure at the line that ends in "here".
import DebugEndpointTesting
import Waits
import XCTest

final class LeakyCases: XCTestCase {
    func testAThreadWaitsForALostSemaphore() {
        expectNoLeaks(within: .seconds(30)) {  // here
            loseSemaphores()
        }
    }

    func testATaskWaitsForALostContinuation() async {
        await expectNoLeaks(within: .seconds(30)) {  // here
            loseContinuations()
            await Task.yield()
        }
    }

    func testTheBodyThrowsAfterItLostSomething() {
        XCTAssertThrowsError(
            try expectNoLeaks(within: .seconds(30)) {  // here
                loseSemaphores()
                throw Refused()
            })
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointTesting
import Waits
import XCTest

/// Each passes.
final class CleanCases: XCTestCase {
    func testNothingIsLeakedByWorkThatEnds() {
        XCTAssertEqual(expectNoLeaks { [1, 2, 3].reduce(0, +) }, 6)
    }

    func testAThreadThatWaitsForAGlobalIsNoLeak() {
        expectNoLeaks { waitForAGlobal() }
    }

    func testTasksThatEndAreNoLeaks() async {
        let value = await expectNoLeaks { await Task { 7 }.value }
        XCTAssertEqual(value, 7)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import DebugEndpoint

@Suite struct WaiterIDTests {
    @Test(arguments: [
        ("thread-4711", WaiterID(.thread, 4711)), ("task-17", WaiterID(.task, 17)),
        ("task-9999999999999999999", WaiterID(.task, 9_999_999_999_999_999_999)),
    ]) func aKindAndANumberAreThatThreadOrTask(text: String, id: WaiterID) {
        #expect(WaiterID(text) == id)
    }

    @Test func aNumberAloneMayBeEither() {
        let id = WaiterID("0017")
        #expect(id?.id == 17)
        #expect(id?.admits(.thread) == true && id?.admits(.task) == true)
        #expect(WaiterID("task-17")?.admits(.thread) == false)
    }

    @Test(arguments: [
        "", "-", "thread-", "thread17", "Task-1", "task--1", "task-+1", "1.5", "0x11", "٣", "12345678901234567890",
    ])
    func anythingElseIsNobody(text: String) {
        #expect(WaiterID(text) == nil)
    }
}

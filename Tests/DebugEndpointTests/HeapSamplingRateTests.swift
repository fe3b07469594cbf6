// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import Testing

struct HeapSamplingRateTests {
    @Test(arguments: [-1, 1 << 32 + 1, Int.max, Int.min])
    func aSamplingRateOutOfRangeIsRefusedWithASentence(rate: Int) {
        var configuration = DebugServer.Configuration(address: .loopback(port: 0), registry: VariableRegistry())
        configuration.heapSamplingRate = rate
        let error = #expect(throws: DebugServerError.self) { try DebugServer.start(configuration) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.description.contains("give 0 to 4294967296 (default 524288)") == true)
    }
}

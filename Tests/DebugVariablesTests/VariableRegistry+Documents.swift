// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables

extension VariableRegistry {
    /// The body of /debug/vars, without what the server adds.
    var document: String { String(decoding: select().expvarDocument(), as: UTF8.self) }

    /// The body of /metrics, without what the server adds and without the number of problems at its end.
    func exposition(_ format: ExpositionFormat, extra: [ExtraMetric] = []) -> String {
        let lines = String(decoding: select().exposition(format, recent: WrittenMetrics(extra, format)), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        return lines.filter { !$0.contains("debug_endpoint_problems") }.joined(separator: "\n")
    }
}

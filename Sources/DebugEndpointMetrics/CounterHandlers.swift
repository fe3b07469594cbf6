// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#if Metrics
    import CoreMetrics
    import DebugVariables

    /// What a handler keeps so that its metric can be destroyed.
    struct MetricOrigin: Sendable {
        let place: MetricPlace
        let dimensions: [(String, String)]
    }

    extension CounterHandle: CounterHandler {}

    final class BridgedFloatingPointCounter: FloatingPointCounterHandler {
        private let variable: FloatingCounterVariable
        let origin: MetricOrigin

        init(_ variable: FloatingCounterVariable, _ origin: MetricOrigin) {
            self.variable = variable
            self.origin = origin
        }

        func increment(by amount: Double) { variable.increment(by: amount) }
        func reset() { variable.reset() }
    }
#endif

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#if Metrics
    import CoreMetrics
    import DebugVariables

    /// A gauge, which for swift-metrics is a recorder that keeps the last value, or a meter.
    final class BridgedGauge: RecorderHandler, MeterHandler {
        private let variable: GaugeVariable
        let origin: MetricOrigin

        init(_ variable: GaugeVariable, _ origin: MetricOrigin) {
            self.variable = variable
            self.origin = origin
        }

        func record(_ value: Int64) { variable.set(Double(value)) }
        func record(_ value: Double) { variable.set(value) }
        func set(_ value: Int64) { variable.set(Double(value)) }
        func set(_ value: Double) { variable.set(value) }
        func increment(by amount: Double) { variable.add(amount) }
        func decrement(by amount: Double) { variable.add(-amount) }
    }

    /// A recorder that aggregates, or a timer.
    final class BridgedHistogram: RecorderHandler, TimerHandler {
        private let variable: HistogramVariable
        let origin: MetricOrigin

        init(_ variable: HistogramVariable, _ origin: MetricOrigin) {
            self.variable = variable
            self.origin = origin
        }

        func record(_ value: Int64) { variable.record(Double(value)) }
        func record(_ value: Double) { variable.record(value) }
        func recordNanoseconds(_ duration: Int64) { variable.record(Double(duration) / 1e9) }
    }
#endif

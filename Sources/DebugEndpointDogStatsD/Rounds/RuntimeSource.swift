// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import RuntimeMetrics

/// Every runtime metric of this process that has a value now.
enum RuntimeSource {
    /// The reader keeps its storage from one reading to the next; it is for one thread.
    static func makeReader() -> () -> [RuntimeReading] {
        var samples = RuntimeMetrics.all.map { RuntimeMetrics.Sample($0.name) }
        return {
            RuntimeMetrics.read(into: &samples)
            return zip(RuntimeMetrics.all, samples).compactMap { metric, sample in
                value(sample.value).map {
                    RuntimeReading(name: sample.name, value: $0, isCumulative: metric.isCumulative)
                }
            }
        }
    }

    /// Nil for what is absent: it is not 0.
    private static func value(_ value: RuntimeMetrics.Value) -> RuntimeReading.Value? {
        switch value {
        case .uint64(let count): .whole(count)
        case .double(let number): .decimal(number)
        case .histogram(let histogram):
            .histogram(bounds: histogram.bounds, counts: histogram.counts, sum: histogram.sum)
        case .absent, .unknown: nil
        }
    }
}

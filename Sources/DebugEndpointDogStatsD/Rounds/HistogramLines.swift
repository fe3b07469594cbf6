// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A histogram as lines: its count and sum, exactly, and at Datadog a distribution in which the middle of each bucket stands for
/// the values that have come into it.
struct HistogramLines {
    let name: String
    let tags: String
    /// Upper bounds, inclusive, ascending.
    let bounds: [Double]
    /// One more than there are bounds.
    let buckets: [UInt64]
    let sum: Double

    func write(to writer: LineWriter) {
        guard buckets.count == bounds.count + 1, writer.claim(name + ".count", tags: tags),
            writer.claim(name + ".sum", tags: tags)
        else { return }
        writer.count(name + ".count", tags: tags, total: buckets.reduce(0, &+))
        guard writer.format.dialect == .dogStatsD else {
            // Many servers cut the values of counts off to whole numbers, and a fraction each round would be lost.
            return writer.gauge(name + ".sum", tags: tags, .decimal(sum))
        }
        writer.count(name + ".sum", tags: tags, total: sum)
        for (index, total) in buckets.enumerated() where total > 0 {
            let middle = BucketMiddle.between(
                index == 0 ? nil : bounds[index - 1], index < bounds.count ? bounds[index] : nil)
            writer.bucket(name, tags: tags, index: index, middle: middle, total: total)
        }
    }
}

/// The value that stands for a bucket's.
enum BucketMiddle {
    /// Between two bounds their middle; without an upper one the lower, and without a lower one half the upper where that is
    /// positive, as what is measured is rarely negative.
    static func between(_ lower: Double?, _ upper: Double?) -> Double {
        switch (lower.flatMap(finite), upper.flatMap(finite)) {
        case (let lower?, let upper?): lower / 2 + upper / 2
        case (let lower?, nil): lower
        case (nil, let upper?): upper > 0 ? upper / 2 : upper
        case (nil, nil): 0
        }
    }

    private static func finite(_ bound: Double) -> Double? { bound.isFinite ? bound : nil }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Ranges of addresses with a value each, sorted. Where ranges nest, the one that begins last counts.
struct AddressIndex<Value> {
    private let ranges: [(range: Range<UInt64>, value: Value)]

    init(_ ranges: [(Range<UInt64>, Value)]) {
        self.ranges = ranges.sorted { $0.0.lowerBound < $1.0.lowerBound }.map { (range: $0.0, value: $0.1) }
    }

    /// Cost: a binary search, and a few steps back where ranges nest.
    subscript(_ address: UInt64) -> Value? {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].range.lowerBound <= address { low = middle + 1 } else { high = middle }
        }
        for index in stride(from: low - 1, through: max(low - 8, 0), by: -1) where ranges[index].range.contains(address)
        {
            return ranges[index].value
        }
        return nil
    }
}

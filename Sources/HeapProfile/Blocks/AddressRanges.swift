// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Stretches of addresses that do not overlap. A look-up is a binary search.
package struct AddressRanges: Sendable {
    /// In order; those that touch are one.
    package let ranges: [Range<UInt>]

    package init(_ ranges: [Range<UInt>]) {
        var merged: [Range<UInt>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        self.ranges = merged
    }

    /// The stretch that has `address`.
    package subscript(address: UInt) -> Range<UInt>? {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= address { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(address) ? ranges[low] : nil
    }

    package func contains(_ address: UInt) -> Bool { self[address] != nil }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension [Range<UInt>] {
    /// The one that has `address`, of ranges that are in order and do not overlap. Cost: a binary search.
    func range(containing address: UInt) -> Range<UInt>? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].upperBound <= address { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].contains(address) ? self[low] : nil
    }
}

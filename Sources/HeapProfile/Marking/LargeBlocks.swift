// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
private import CAllocationTap

/// Where the nearest block lies before an address that has none close by, remembered so that a wide empty stretch of the map is
/// searched once.
struct LargeBlocks {
    /// Each from a block's start, 0 for none, to the last address that was asked for.
    private var known: [(range: Range<UInt>, start: UInt)] = []

    /// From the last block that starts at or before `address` on; nil when there is none. Whether it reaches that far is not known.
    mutating func block(containing address: UInt) -> Range<UInt>? {
        var low = 0
        var high = known.count
        while low < high {
            let middle = (low + high) / 2
            if known[middle].range.upperBound <= address { low = middle + 1 } else { high = middle }
        }
        if low < known.count, known[low].range.contains(address) { return result(known[low].start, address) }
        // Down to what is known already.
        let lowest = low > 0 ? known[low - 1].range.upperBound : 0
        var start = alloctap_block_before(address, lowest)
        if start == 0, low > 0 {
            start = known[low - 1].start
            known[low - 1].range = known[low - 1].range.lowerBound..<address + 1
        } else {
            let from = start == 0 ? lowest : start
            if from <= address { known.insert((from..<address + 1, start), at: low) }
        }
        return result(start, address)
    }

    private func result(_ start: UInt, _ address: UInt) -> Range<UInt>? {
        start == 0 ? nil : start..<address + 1
    }
}

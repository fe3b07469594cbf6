// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Where code is. Sorted ranges; a look-up is a binary search, or none when the last answer fits.
final class ExecutableMap {
    private let ranges: [Range<UInt>]
    private var last: Range<UInt> = 0..<0

    init(_ map: MemoryMap) {
        ranges = map.mappings.filter(\.isExecutable).map(\.range)
    }

    func contains(_ address: UInt) -> Bool {
        if last.contains(address) { return true }
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= address { low = middle + 1 } else { high = middle }
        }
        guard low < ranges.count, ranges[low].contains(address) else { return false }
        last = ranges[low]
        return true
    }
}

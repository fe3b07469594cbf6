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
        guard let found = ranges.range(containing: address) else { return false }
        last = found
        return true
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Order by UTF-8 bytes, which is Go's order of strings. Swift's own `<` compares normalised text.

extension String {
    func precedesInBytes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}

extension UnsafeBufferPointer<UInt8> {
    func precedesInBytes(_ other: String) -> Bool { lexicographicallyPrecedes(other.utf8) }
}

extension Array {
    /// The first index whose element does not precede, in an array where all that precede come first.
    func partitionPoint(_ precedes: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if precedes(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

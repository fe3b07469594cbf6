// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The classes that blocks without a Swift type are counted in, by usable size.
///
/// Up to 1 KiB each size that glibc gives is a class of its own; above, a power of two has eight, so that a class's sizes are
/// within 12.5 % of each other.
package enum BlockSizeClass {
    /// 16 bytes apart up to `finest`, then eight for each doubling up to 2^47.
    package static let count = fineCount + (47 - finestBits) * 8
    private static let finestBits = 10
    private static let fineCount = (1 << finestBits) / 16

    /// The class of a size. Sizes past the last class are in the last.
    @inline(__always)
    package static func index(_ size: UInt) -> Int {
        // glibc's sizes are 8 more than a multiple of 16; other sizes go to the class below.
        let steps = size < 8 ? 0 : Int(truncatingIfNeeded: (size - 8) / 16)
        guard steps >= fineCount else { return steps }
        let value = UInt(steps) * 16  // 1024 and more
        let bits = UInt.bitWidth - 1 - value.leadingZeroBitCount
        let eighth = Int(value >> UInt(bits - 3)) & 7
        return min(fineCount + (bits - finestBits) * 8 + eighth, count - 1)
    }

    /// The smallest size in a class.
    package static func smallest(_ index: Int) -> UInt {
        guard index >= fineCount else { return UInt(max(index, 0)) * 16 + 8 }
        let bits = (index - fineCount) / 8 + finestBits
        return (UInt(8 + (index - fineCount) % 8) << UInt(bits - 3)) + 8
    }
}

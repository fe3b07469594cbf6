// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// A chain of readings: of four blocks each, one is an object, one an array, one a string, and one is C's.
final class Hoard {
    private final class Reading {
        let next: Reading?
        let values: [Double]
        let label: String
        let raw: UnsafeMutableRawPointer

        init(next: Reading?, values: [Double], label: String, raw: UnsafeMutableRawPointer) {
            self.next = next
            self.values = values
            self.label = label
            self.raw = raw
        }
    }

    /// Bytes of an average block when C's are as small as they get.
    static let least = 70

    private var last: Reading?

    /// Every byte is written to, so all of it is in memory. Nil when `bytes` are too few.
    init?(blocks: Int, bytes: Int) {
        guard bytes / blocks >= Self.least else { return nil }
        // What the three blocks of Swift's take of malloc.
        let ofSwift = 56 + 88 + 72
        let average = bytes / blocks * 4 - ofSwift
        for index in 0..<blocks / 4 {
            // From 24 to twice the average less 24.
            let size = 24 + ((index &* 40_503 & 0xFFFF) * 2 * (average - 24)) >> 16
            guard let raw = malloc(size) else { fatalError("no memory") }
            memset(raw, 1, size)
            let value = Double(index)
            last = Reading(
                next: last, values: [value, value, value, value, value, value],
                label: "reading with number \(10_000_000 + index)", raw: raw)
        }
    }
}

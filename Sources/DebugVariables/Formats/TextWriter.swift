// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// UTF-8 bytes that grow at the end: what every format writes into.
package struct TextWriter {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 4096) {
        bytes.reserveCapacity(capacity)
    }

    package mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    package mutating func write(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func write(byte: UInt8) {
        bytes.append(byte)
    }

    package mutating func write(bytes more: some Sequence<UInt8>) {
        bytes.append(contentsOf: more)
    }

    package mutating func write(_ number: UInt64) {
        // The largest has 20 digits.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = number
            var start = 20
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }

    package mutating func write(_ number: Int) {
        if number < 0 { write(byte: UInt8(ascii: "-")) }
        write(UInt64(number.magnitude))
    }

    /// Puts text at an earlier place, moving what follows.
    mutating func insert(_ more: TextWriter, at place: Int) {
        bytes.insert(contentsOf: more.bytes, at: place)
    }
}

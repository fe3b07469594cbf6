// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Bytes of a file of /proc or of a control group, valid while it is being read.
struct Text {
    let bytes: UnsafeBufferPointer<UInt8>

    /// The first number in it; nil when it begins with none, as `max` does.
    var number: UInt64? {
        var words = Words(bytes)
        return words.next()?.number
    }

    /// The number behind `key` at the beginning of a line, whatever blanks are between.
    func number(after key: StaticString) -> UInt64? {
        line(beginning: key).flatMap { Text(bytes: $0).number }
    }

    /// What is left of the line that begins with `key`.
    func line(beginning key: StaticString) -> UnsafeBufferPointer<UInt8>? {
        var lines = Lines(bytes)
        while let line = lines.next() {
            if line.begins(with: key) { return line.from(key.utf8CodeUnitCount) }
        }
        return nil
    }

    /// The lines of a text, without their ends.
    struct Lines: IteratorProtocol {
        private var rest: UnsafeBufferPointer<UInt8>

        init(_ bytes: UnsafeBufferPointer<UInt8>) { rest = bytes }

        mutating func next() -> UnsafeBufferPointer<UInt8>? {
            guard !rest.isEmpty else { return nil }
            var end = 0
            while end < rest.count, rest[end] != UInt8(ascii: "\n") { end += 1 }
            defer { rest = rest.from(end + 1) }
            return rest.upTo(end)
        }
    }

    /// The words of a text, which blanks separate.
    struct Words: IteratorProtocol {
        private var rest: UnsafeBufferPointer<UInt8>

        init(_ bytes: UnsafeBufferPointer<UInt8>) { rest = bytes }

        mutating func next() -> UnsafeBufferPointer<UInt8>? {
            var start = 0
            while start < rest.count, rest[start].isBlank { start += 1 }
            guard start < rest.count else { return nil }
            var end = start
            while end < rest.count, !rest[end].isBlank { end += 1 }
            defer { rest = rest.from(end) }
            return rest.upTo(end).from(start)
        }

        /// The word after `count` others.
        mutating func next(after count: Int) -> UnsafeBufferPointer<UInt8>? {
            for _ in 0..<count { _ = next() }
            return next()
        }
    }
}

// Loops, where the standard library has algorithms: those allocate in builds that are not optimised.
extension UnsafeBufferPointer<UInt8> {
    /// All from an index on; empty when there is nothing.
    func from(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        guard let baseAddress, index < count else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(start: baseAddress + index, count: count - index)
    }

    /// All before an index, which is no greater than the count.
    func upTo(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: baseAddress, count: Swift.min(index, count))
    }

    func begins(with text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount && isSame(text, at: 0)
    }

    func ends(in text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount && isSame(text, at: count - text.utf8CodeUnitCount)
    }

    private func isSame(_ text: StaticString, at place: Int) -> Bool {
        var index = 0
        while index < text.utf8CodeUnitCount {
            if self[place + index] != text.utf8Start[index] { return false }
            index += 1
        }
        return true
    }

    /// Where a byte is last; nil where it is not.
    func last(_ byte: UInt8) -> Int? {
        var index = count - 1
        while index >= 0 {
            if self[index] == byte { return index }
            index -= 1
        }
        return nil
    }

    /// The whole of it as a decimal number; nil when it is none or does not fit.
    var number: UInt64? {
        guard !isEmpty else { return nil }
        var sum: UInt64 = 0
        var index = 0
        while index < count {
            let byte = self[index]
            index += 1
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (product, overflows) = sum.multipliedReportingOverflow(by: 10)
            let (next, carries) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !overflows, !carries else { return nil }
            sum = next
        }
        return sum
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool {
        self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || self == UInt8(ascii: "\n")
    }
}

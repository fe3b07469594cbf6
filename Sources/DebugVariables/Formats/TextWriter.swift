// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// UTF-8 bytes that grow at the end: what every format writes into.
package struct TextWriter {
    /// `used` bytes of text, and room behind them.
    private var buffer: [UInt8]
    private var used = 0

    package init(capacity: Int = 4096) {
        buffer = [UInt8](repeating: 0, count: max(64, capacity))
    }

    package var count: Int { used }

    package var bytes: [UInt8] { Array(buffer[..<used]) }

    /// The text, without a copy; the writer is empty afterwards.
    package mutating func finish() -> [UInt8] {
        var text: [UInt8] = []
        swap(&text, &buffer)
        text.removeLast(text.count - used)
        used = 0
        return text
    }

    func contains(from start: Int, where predicate: (UInt8) -> Bool) -> Bool {
        buffer[start..<used].contains(where: predicate)
    }

    package mutating func write(_ literal: StaticString) {
        write(bytes: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    package mutating func write(string: String) {
        var string = string
        string.withUTF8 { write(bytes: $0) }
    }

    package mutating func write(byte: UInt8) {
        append(atMost: 1) { place in
            place[0] = byte
            return 1
        }
    }

    package mutating func write(_ byte: UInt8, count: Int) {
        for _ in 0..<count { write(byte: byte) }
    }

    package mutating func write(bytes more: UnsafeBufferPointer<UInt8>) {
        append(atMost: more.count) { Self.put(more, at: $0) }
    }

    package mutating func write(bytes more: [UInt8]) {
        more.withUnsafeBufferPointer { write(bytes: $0) }
    }

    package mutating func write(bytes more: ArraySlice<UInt8>) {
        more.withUnsafeBufferPointer { write(bytes: $0) }
    }

    package mutating func write(_ number: UInt64) {
        append(atMost: 20) { Self.put(number, at: $0) }
    }

    package mutating func write(_ number: Int) {
        if number < 0 { write(byte: UInt8(ascii: "-")) }
        write(UInt64(number.magnitude))
    }

    /// Several parts at once: most of what is written is written so, and room is made once.
    mutating func write(
        _ before: StaticString, _ bytes: UnsafeBufferPointer<UInt8>, _ after: StaticString, _ number: UInt64,
        _ end: StaticString = ""
    ) {
        append(atMost: before.length + bytes.count + after.length + 20 + end.length) { place in
            var length = Self.put(before, at: place)
            length += Self.put(bytes, at: place + length)
            length += Self.put(after, at: place + length)
            length += Self.put(number, at: place + length)
            return length + Self.put(end, at: place + length)
        }
    }

    mutating func write(
        _ before: StaticString, _ bytes: UnsafeBufferPointer<UInt8>, _ between: StaticString,
        _ more: UnsafeBufferPointer<UInt8> = UnsafeBufferPointer(start: nil, count: 0), _ end: StaticString = ""
    ) {
        append(atMost: before.length + bytes.count + between.length + more.count + end.length) { place in
            var length = Self.put(before, at: place)
            length += Self.put(bytes, at: place + length)
            length += Self.put(between, at: place + length)
            length += Self.put(more, at: place + length)
            return length + Self.put(end, at: place + length)
        }
    }

    /// Gives `body` room for `limit` bytes behind the text; what it says it wrote becomes text.
    @inline(__always)
    private mutating func append(atMost limit: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
        if used + limit > buffer.count {
            buffer.append(contentsOf: repeatElement(0, count: max(limit, buffer.count)))
        }
        used += buffer.withUnsafeMutableBufferPointer { body($0.baseAddress! + used) }
    }

    @inline(__always)
    private static func put(_ bytes: UnsafeBufferPointer<UInt8>, at place: UnsafeMutablePointer<UInt8>) -> Int {
        if let source = bytes.baseAddress { place.update(from: source, count: bytes.count) }
        return bytes.count
    }

    /// Byte by byte: shorter than a call for the few bytes that a literal has here.
    @inline(__always)
    private static func put(_ literal: StaticString, at place: UnsafeMutablePointer<UInt8>) -> Int {
        var index = 0
        while index < literal.length {
            place[index] = literal.utf8Start[index]
            index += 1
        }
        return index
    }

    @inline(__always)
    private static func put(_ number: UInt64, at place: UnsafeMutablePointer<UInt8>) -> Int {
        var length = 0
        var rest = number
        repeat {
            place[length] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            length += 1
        } while rest > 0
        var (first, last) = (0, length - 1)  // the digits stand in reverse
        while first < last {
            (place[first], place[last]) = (place[last], place[first])
            first += 1
            last -= 1
        }
        return length
    }

    /// Puts text at an earlier place, moving what follows.
    mutating func insert(_ more: TextWriter, at place: Int) {
        buffer.removeLast(buffer.count - used)
        buffer.insert(contentsOf: more.bytes, at: place)
        used = buffer.count
    }
}

extension StaticString {
    fileprivate var length: Int { utf8CodeUnitCount }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The grammar, which readers rely on:
//
//     line  = kind " @" seconds "s:" 1*(" " key "=" value) newline
//     kind  = "mem" | "sched" | "thread" | "leak"
//     value = number | "-" for what is not known | letter | quoted as in JSON
//
// The keys of a kind are always the same, in the same order; more may be added at the end.
import DebugVariables
import Glibc

/// A line of standard error, put together.
struct TraceLine {
    private var writer = TextWriter(capacity: 256)

    /// - Parameter seconds: since the process began.
    init(_ kind: StaticString, at seconds: Double) {
        writer.write(kind)
        writer.write(" @")
        write(fixed: seconds, places: 3)
        writer.write("s:")
    }

    mutating func add(_ key: StaticString, _ count: UInt64?) {
        begin(key)
        if let count { writer.write(count) } else { writer.write("-") }
    }

    /// With its sign, also where it grew.
    mutating func add(_ key: StaticString, change: Int64?) {
        begin(key)
        guard let change else { return writer.write("-") }
        writer.write(change < 0 ? "-" : "+")
        writer.write(change.magnitude)
    }

    mutating func add(_ key: StaticString, _ number: Double?, places: Int = 1) {
        begin(key)
        if let number { write(fixed: number, places: places) } else { writer.write("-") }
    }

    mutating func add(_ key: StaticString, quoted text: String) {
        begin(key)
        writer.writeQuoted(text, style: .encodingJSON)
    }

    mutating func add(_ key: StaticString, letter: UInt8) {
        begin(key)
        writer.write(byte: letter)
    }

    mutating func finish() -> [UInt8] {
        writer.write("\n")
        return writer.finish()
    }

    private mutating func begin(_ key: StaticString) {
        writer.write(" ")
        writer.write(key)
        writer.write("=")
    }

    /// Without an exponent, rounded; what is negative or no number is 0.
    private mutating func write(fixed number: Double, places: Int) {
        let scale: UInt64 = [1, 10, 100, 1000][min(max(places, 0), 3)]
        let scaled = (number * Double(scale)).rounded()
        let units = scaled > 0 && scaled < 0x1p63 ? UInt64(scaled) : 0
        writer.write(units / scale)
        guard scale > 1 else { return }
        writer.write(".")
        var digit = scale / 10
        while digit > 0 {
            writer.write(byte: UInt8(ascii: "0") + UInt8(units / digit % 10))
            digit /= 10
        }
    }
}

extension [UInt8] {
    /// In one call, so that lines of several threads do not mix.
    func writeToStandardError() {
        _ = write(STDERR_FILENO, self, count)
    }
}

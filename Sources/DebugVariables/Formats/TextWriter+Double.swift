// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Doubles as Go prints them. The digits are Swift's: both languages print the shortest that read back the same.

extension Double {
    /// The shortest digits that read back the same, never with an exponent; the number must be finite.
    package var plainDecimal: [UInt8] {
        var text = TextWriter(capacity: 64)
        text.writePlain(self)
        return text.finish()
    }
}

extension TextWriter {
    /// Like `%f` with as many digits as are needed.
    fileprivate mutating func writePlain(_ number: Double) {
        write(number) { _ in false }
    }

    /// Go's `%g`, which expvar and the exposition formats use: an exponent below 1e-4 and from 1e6 on.
    package mutating func writeShortest(_ number: Double) {
        write(number) { $0 < -4 || $0 >= 6 }
    }

    /// encoding/json's form: an exponent below 1e-6 and from 1e21 on, of as few digits as it needs.
    mutating func writeJSON(_ number: Double) {
        write(number, exponentDigits: 1) { $0 < -6 || $0 >= 21 }
    }

    /// `number` must be finite. `isScientific` decides by the exponent of the first digit.
    private mutating func write(_ number: Double, exponentDigits: Int = 2, isScientific: (Int) -> Bool) {
        if number.sign == .minus { write(byte: UInt8(ascii: "-")) }
        let (digits, exponent) = Self.decimal(number.magnitude)
        guard number != 0, isScientific(exponent) else { return writePlain(digits, exponent) }
        write(byte: digits[0])
        if digits.count > 1 {
            write(byte: UInt8(ascii: "."))
            write(bytes: digits[1...])
        }
        write(exponent < 0 ? "e-" : "e+")
        if exponentDigits == 2, exponent.magnitude < 10 { write(byte: UInt8(ascii: "0")) }
        write(UInt64(exponent.magnitude))
    }

    private mutating func writePlain(_ digits: [UInt8], _ exponent: Int) {
        let zero = UInt8(ascii: "0")
        if exponent < 0 {
            write("0.")
            write(zero, count: -exponent - 1)
            return write(bytes: digits)
        }
        write(bytes: digits.prefix(exponent + 1))
        write(zero, count: max(0, exponent + 1 - digits.count))
        if digits.count > exponent + 1 {
            write(byte: UInt8(ascii: "."))
            write(bytes: digits[(exponent + 1)...])
        }
    }

    /// The digits without leading or trailing zeros, and the power of ten of the first.
    private static func decimal(_ magnitude: Double) -> (digits: [UInt8], exponent: Int) {
        var digits: [UInt8] = []
        var exponent = 0
        var pointAt: Int?
        var text = magnitude.description[...].utf8
        while let byte = text.popFirst() {
            switch byte {
            case UInt8(ascii: "."): pointAt = digits.count
            case UInt8(ascii: "e"):
                exponent = Int(Substring(text)) ?? 0
                text = text[text.endIndex...]
            default: digits.append(byte)
            }
        }
        exponent += (pointAt ?? digits.count) - 1
        let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(leading)
        exponent -= leading
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return digits.isEmpty ? ([UInt8(ascii: "0")], 0) : (digits, exponent)
    }
}

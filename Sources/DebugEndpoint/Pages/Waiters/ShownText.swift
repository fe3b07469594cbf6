// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// How names, addresses and durations stand on a page.

/// Text from the process with control characters and line ends made visible: a name can neither add a line nor speak to
/// the reader's terminal, and no invisible character turns the direction of what follows.
func shownText(_ text: String) -> String {
    guard !text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return text }
    var shown = ""
    for scalar in text.unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
            shown += "\\u{" + String(scalar.value, radix: 16) + "}"
        default: shown.unicodeScalars.append(scalar)
        }
    }
    return shown
}

/// In quotation marks, as names stand beside ids.
func shownName(_ name: String) -> String { "\"" + shownText(name) + "\"" }

func shownAddress(_ address: UInt) -> String { "0x" + String(address, radix: 16) }

extension Duration {
    /// Whole nanoseconds, clamped.
    private var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : product &+ attoseconds / 1_000_000_000
    }

    var inSeconds: Double { Double(nanoseconds) / 1e9 }

    /// Two digits or so, as people say it: `40 ms`, `3.1 s`, `4 min 10 s`, `2 h 5 min`, `3 d 2 h`.
    var shown: String {
        let nanoseconds = max(0, nanoseconds)
        let seconds = nanoseconds / 1_000_000_000
        switch seconds {
        case 0:
            let microseconds = nanoseconds / 1000
            if microseconds < 1000 { return "\(microseconds) µs" }
            return microseconds < 10_000
                ? "\(microseconds / 1000).\(microseconds / 100 % 10) ms" : "\(microseconds / 1000) ms"
        case 1..<10: return "\(seconds).\(nanoseconds / 100_000_000 % 10) s"
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) min \(seconds % 60) s"
        case ..<86400: return "\(seconds / 3600) h \(seconds / 60 % 60) min"
        default: return "\(seconds / 86400) d \(seconds / 3600 % 24) h"
        }
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What `DEBUG_ENDPOINT_TRACE` asks for: settings such as `memory=1,sched=1000,leaks=1`, separated by commas. 0 is off.
struct TraceSettings: Equatable, Sendable {
    static let variable = "DEBUG_ENDPOINT_TRACE"

    /// Seconds from one `mem` line to the next.
    var memorySeconds: UInt64 = 0
    /// Milliseconds from one `sched` line to the next.
    var schedMilliseconds: UInt64 = 0
    /// Whether each `sched` line is followed by one for every thread.
    var schedDetail = false
    /// Whether each leak scan has a line.
    var leaks = false

    var needsThread: Bool { memorySeconds > 0 || schedMilliseconds > 0 }

    private enum Key: String, CaseIterable {
        case memory, sched, scheddetail, leaks

        var range: ClosedRange<UInt64> {
            switch self {
            case .memory: 0...3600
            case .sched: 0...3_600_000
            case .scheddetail, .leaks: 0...1
            }
        }
    }

    /// Takes what can be understood; the sentence, where there is one, names what cannot.
    static func parse(_ text: String) -> (settings: TraceSettings, problem: String?) {
        var settings = TraceSettings()
        var refused: [String] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let word = part.drop { $0 == " " }
            if word.isEmpty { continue }
            let sides = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let key = Key(rawValue: String(sides[0])),
                sides[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let number = UInt64(sides[1]), key.range.contains(number)
            else {
                refused.append(Self.quoted(word))
                continue
            }
            switch key {
            case .memory: settings.memorySeconds = number
            case .sched: settings.schedMilliseconds = number
            case .scheddetail: settings.schedDetail = number == 1
            case .leaks: settings.leaks = number == 1
            }
        }
        guard !refused.isEmpty else { return (settings, nil) }
        let known = Key.allCases.map { "\($0.rawValue)=\($0.range.lowerBound) to \($0.range.upperBound)" }
        return (
            settings,
            "\(variable) has \(refused.joined(separator: " and ")), which is no setting: "
                + "give \(known.joined(separator: ", ")), separated by commas; the others hold"
        )
    }

    /// On one line, whatever is in it, and not too long.
    private static func quoted(_ text: Substring) -> String {
        let shown = text.unicodeScalars.prefix(40).map { scalar in
            scalar.isASCII && scalar.value >= 0x20 && scalar.value != 0x7F && scalar != "\"" ? String(scalar) : "?"
        }
        return "\"" + shown.joined() + "\""
    }
}

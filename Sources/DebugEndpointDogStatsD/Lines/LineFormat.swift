// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables

/// A number as a line carries it.
enum LineNumber: Equatable {
    case whole(UInt64)
    case decimal(Double)

    var isFinite: Bool { if case .decimal(let number) = self { number.isFinite } else { true } }
    var isNegative: Bool { if case .decimal(let number) = self { number < 0 } else { false } }

    /// Never with an exponent, which not every receiver reads.
    var digits: [UInt8] {
        switch self {
        case .whole(let number): Array(String(number).utf8)
        case .decimal(let number): number.plainDecimal
        }
    }
}

/// One line's content: `name:value|type|@rate|#tags|c:…|e:…|T…|card:…`.
struct Line {
    enum Kind: String {
        case gauge = "g"
        case count = "c"
        case distribution = "d"
    }
    var name: String
    var kind: Kind
    var value: LineNumber
    /// Its own tags, cleaned and joined by commas.
    var tags = ""
    /// For how many values the line stands.
    var weight: UInt64 = 1
}

/// How lines are written for one receiver.
struct LineFormat {
    let dialect: RuntimeMetricsReporter.Dialect
    private let prefix: String
    private let commonTags: String
    private let origin: Origin

    init(dialect: RuntimeMetricsReporter.Dialect, prefix: String, commonTags: [String], origin: Origin) {
        self.dialect = dialect
        self.prefix = prefix
        self.commonTags = commonTags.joined(separator: ",")
        self.origin = origin
    }

    /// Appends the line with its end. A gauge carries the time of its reading where one is given.
    ///
    /// The agent does not add up what carries a time, and of two counts with the same time and tags, as two processes of a
    /// service may send them, it would keep one. So counts carry none.
    func append(_ line: Line, isOwn: Bool = false, timestamp: Int64?, to text: inout [UInt8]) {
        switch dialect {
        case .plain:
            // Elsewhere than at Datadog a sign makes a gauge's value a change; from 0 on, the change is the value.
            if line.kind == .gauge, line.value.isNegative { append(line.name, [UInt8(ascii: "0")], "g", to: &text) }
            append(line.name, line.value.digits, line.kind.rawValue, to: &text)
        case .dogStatsD:
            if !isOwn { text += prefix.utf8 }
            text += line.name.utf8
            text.append(UInt8(ascii: ":"))
            text += line.value.digits
            text.append(UInt8(ascii: "|"))
            text += line.kind.rawValue.utf8
            if line.weight > 1 {
                text += "|@".utf8
                text += Self.rate(of: line.weight).plainDecimal
            }
            if !commonTags.isEmpty || !line.tags.isEmpty {
                text += "|#".utf8
                text += commonTags.utf8
                if !commonTags.isEmpty, !line.tags.isEmpty { text.append(UInt8(ascii: ",")) }
                text += line.tags.utf8
            }
            text += origin.fields.utf8
            if line.kind == .gauge, let timestamp {
                text += "|T".utf8
                text += String(timestamp).utf8
            }
            text += origin.cardinality.utf8
            text.append(UInt8(ascii: "\n"))
        }
    }

    private func append(_ name: String, _ value: [UInt8], _ kind: String, to text: inout [UInt8]) {
        text += prefix.utf8
        text += name.utf8
        text.append(UInt8(ascii: ":"))
        text += value
        text.append(UInt8(ascii: "|"))
        text += kind.utf8
        text.append(UInt8(ascii: "\n"))
    }

    /// The sample rate of a line that stands for so many values. The agent truncates 1/rate, and 1/(1/n) may be less than n.
    static func rate(of weight: UInt64) -> Double {
        let rate = 1 / Double(max(1, weight))
        return (1 / rate).rounded(.down) < Double(weight) ? rate.nextDown : rate
    }
}

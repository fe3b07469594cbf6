// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint

/// Counts text into the statistics.
struct TextCounter {
    private let statistics: TextStatistics

    /// By a word's first byte. A look-up in the family takes a lock, so it is done here, not for each word.
    private let wordsByFirstByte: [CounterVariable]

    /// The line being read, of which only the beginning may be here yet.
    private struct Line {
        var bytes = 0
        var isInsideWord = false
        var duration = Duration.zero
    }
    private var line = Line()

    init(_ statistics: TextStatistics) {
        self.statistics = statistics
        wordsByFirstByte = (UInt8.min...UInt8.max).map { statistics.wordsByLetter[$0.letter] }
    }

    /// Counts a whole file. What was counted before a read fails stays counted.
    mutating func count(_ file: String) throws(UnreadableFile) {
        var reader = try LineReader(file)
        statistics.currentFile.set(reader.name)
        defer {
            if line.bytes > 0 { finishLine() }  // the last line has no newline
            statistics.currentFile.set("")
        }
        while let part = try reader.next() { count(part) }
    }

    /// Counts a line, or a part of one that the next part continues.
    private mutating func count(_ part: ArraySlice<UInt8>) {
        let start = ContinuousClock.now
        var wordsBegun = 0
        for byte in part {
            if byte.isWhiteSpace {
                line.isInsideWord = false
            } else if !line.isInsideWord {
                line.isInsideWord = true
                wordsBegun += 1
                wordsByFirstByte[Int(byte)].increment()
            }
        }
        statistics.words.increment(by: wordsBegun)
        statistics.bytes.increment(by: part.count)
        line.bytes += part.count
        line.duration += ContinuousClock.now - start

        if part.last == UInt8(ascii: "\n") {
            statistics.lines.increment()
            line.bytes -= 1
            finishLine()
        }
    }

    private mutating func finishLine() {
        statistics.longestLine.set(max(statistics.longestLine.value, Double(line.bytes)))
        statistics.lineDuration.record(line.duration / .seconds(1))
        line = Line()
    }
}

extension UInt8 {
    /// Space, tab, newline, vertical tab, form feed, carriage return: what `isspace` says in the C locale.
    fileprivate var isWhiteSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }

    /// The ASCII letter in lower case, or `other`.
    fileprivate var letter: String {
        let scalar = UnicodeScalar(self | 0x20)
        return ("a"..."z").contains(scalar) ? String(scalar) : "other"
    }
}

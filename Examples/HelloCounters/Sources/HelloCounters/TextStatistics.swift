// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint

/// The variables of this program: set by one thread, shown to whoever looks.
struct TextStatistics: Sendable {
    let lines: CounterVariable
    let words: CounterVariable
    let bytes: CounterVariable
    let wordsByLetter: CounterFamily
    let longestLine: GaugeVariable
    let lineDuration: HistogramVariable
    let currentFile: TextVariable
    let unreadableFiles: CounterVariable

    init(registry: VariableRegistry) {
        lines = registry.counter("hello_lines_total", help: "Newlines read")
        words = registry.counter("hello_words_total", help: "Words read: runs of bytes between ASCII white space")
        bytes = registry.counter("hello_bytes_total", help: "Bytes read", unit: "bytes")
        wordsByLetter = registry.counter(
            "hello_words_by_letter_total", help: "Words by their first letter", labels: ["letter"])
        longestLine = registry.gauge(
            "hello_longest_line_bytes", help: "Longest line so far, without its newline", unit: "bytes")
        lineDuration = registry.histogram(
            "hello_line_duration_seconds", help: "Time to count a line once it is read", unit: "seconds",
            bounds: [1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 1e-3, 1e-2])
        currentFile = registry.text("hello_current_file", help: "File being read; empty when there is none")
        unreadableFiles = registry.counter("hello_unreadable_files_total", help: "Files that could not be read")

        registry.computed("hello_ratios", help: "Averages so far") { [lines, words, bytes] in
            ["words_per_line": ratio(words, lines), "bytes_per_word": ratio(bytes, words)]
        }
    }

    var summary: String { "\(lines.value) lines, \(words.value) words, \(bytes.value) bytes" }
}

private func ratio(_ dividend: CounterVariable, _ divisor: CounterVariable) -> JSONValue {
    let (dividend, divisor) = (dividend.value, divisor.value)
    return divisor == 0 ? .null : .double(Double(dividend) / Double(divisor))
}

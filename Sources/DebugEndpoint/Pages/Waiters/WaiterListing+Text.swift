// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables

extension WaiterListing {
    /// The longest line of members; a single longer member has a line of its own.
    private static let width = 110

    /// Totals, then a paragraph for each group: what they do, who they are, where they stand.
    func text(_ summary: [String], _ kind: WaiterKind) -> [UInt8] {
        var writer = TextWriter(capacity: 1 << 16)
        for line in summary { writer.write(line: line) }
        for group in groups {
            writer.write("\n")
            writer.write(line: group.heading.text)
            for row in group.rows { Self.write(row, to: &writer) }
            if group.moreTargets > 0 { writer.write(line: "  … and \(group.moreTargets) more to wait for") }
            group.stack.write(to: &writer)
        }
        Self.write(leftOut: leftOut, unknown: unknown, kind, to: &writer)
        return writer.finish()
    }

    static func write(leftOut: [String], unknown: [Unknown], _ kind: WaiterKind, to writer: inout TextWriter) {
        for sentence in leftOut {
            writer.write("\n")
            writer.write(line: sentence)
        }
        for group in unknown {
            writer.write("\n")
            let count = kind.counted(group.ids.count + group.more)
            writer.write(line: "\(count), nothing known: \(group.reason)")
            write(group.ids.map { String($0) }, more: group.more, prefix: "  ", to: &writer)
        }
    }

    private static func write(_ row: Row, to writer: inout TextWriter) {
        write(
            row.members.map(\.text), more: row.more, prefix: "  " + (row.target.map { $0.text + ": " } ?? ""),
            to: &writer)
    }

    /// Items with commas, in lines.
    static func write(_ items: [String], more: Int, prefix: String, to writer: inout TextWriter) {
        var line = prefix
        var isFirst = true
        for (index, item) in (more > 0 ? items + ["… and \(more) more"] : items).enumerated() {
            let isLast = index == items.count - (more > 0 ? 0 : 1)
            if !isFirst, line.count + item.count > width {
                writer.write(line: line)
                line = "    "
                isFirst = true
            }
            line += (isFirst ? "" : " ") + item + (isLast ? "" : ",")
            isFirst = false
        }
        writer.write(line: line)
    }
}

extension WaiterListing.Member {
    /// `17 "refresh" (cancelled, child of 3)`.
    var text: String {
        String(id) + (name.map { " " + $0 } ?? "")
            + (details.isEmpty ? "" : " (" + details.map(\.text).joined(separator: ", ") + ")")
    }
}

extension ShownStack {
    /// A function on a line, and its file and line on the next.
    func write(to writer: inout TextWriter) {
        for frame in inner { Self.write(frame, to: &writer) }
        if omitted > 0 { writer.write(line: "    … \(omitted) more functions …") }
        for frame in outer { Self.write(frame, to: &writer) }
        if let note { writer.write(line: "    " + note) }
    }

    private static func write(_ frame: SymbolicatedStacks.Frame, to writer: inout TextWriter) {
        writer.write(line: "    " + frame.title)
        if let place = frame.place { writer.write(line: "        " + place) }
    }
}

extension TextWriter {
    mutating func write(line: String) {
        write(string: line)
        write(byte: UInt8(ascii: "\n"))
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables

extension LeakListing {
    private static let hint = "explain=thread-4711 or explain=task-17 says of anybody else who could wake it"

    /// Totals, then a paragraph for each group: the verdict, why and who, and where they stand.
    func text(withHint: Bool = true) -> [UInt8] {
        var writer = TextWriter(capacity: 1 << 14)
        for line in summary { writer.write(line: line) }
        for group in groups {
            writer.write("\n")
            writer.write(line: group.heading)
            for row in group.rows {
                writer.write(line: "  " + row.reason.text)
                WaiterListing.write(row.members.map(\.text), more: row.more, prefix: "  \(group.kind) ", to: &writer)
            }
            if group.moreRows > 0 { writer.write(line: "  … and \(group.moreRows) more reasons") }
            group.stack.write(to: &writer)
        }
        for (place, (kind, reasons)) in unknown.enumerated() {
            WaiterListing.write(leftOut: place == 0 ? leftOut : [], unknown: reasons, kind, to: &writer)
        }
        if withHint {
            writer.write("\n")
            writer.write(line: Self.hint)
        }
        return writer.finish()
    }

    func html() -> [UInt8] {
        var html = HTMLWriter(title: "leaks", style: WaiterForm.style)
        for line in summary {
            html.raw("<p class=\"total\">")
            html.text(line)
            html.raw("</p>\n")
        }
        html.raw(
            """
            <p><a href="/debug/leaks?format=text">text</a> <a href="/debug/leaks?format=json">JSON</a> \
            <a href="/debug/threads">threads</a> <a href="/debug/tasks">tasks</a> <a href="/debug/">index</a></p>

            """)
        for group in groups {
            html.raw("<section>\n<h2>")
            html.text(group.heading)
            html.raw("</h2>\n<ul>\n")
            for row in group.rows {
                html.raw("<li>")
                html.phrase(row.reason)
                html.raw(": ")
                WaiterListing.write(row.members, more: row.more, group.kind, to: &html)
                html.raw("</li>\n")
            }
            if group.moreRows > 0 { html.raw("<li>… and \(group.moreRows) more reasons</li>\n") }
            html.raw("</ul>\n")
            group.stack.write(to: &html, isOpen: true)
            html.raw("</section>\n")
        }
        for (place, (kind, reasons)) in unknown.enumerated() {
            WaiterListing.write(leftOut: place == 0 ? leftOut : [], unknown: reasons, kind, to: &html)
        }
        html.raw("<p>")
        html.text(Self.hint)
        html.raw("</p>\n")
        return html.finish()
    }
}

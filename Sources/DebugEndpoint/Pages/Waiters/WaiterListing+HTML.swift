// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension WaiterListing {
    /// The stacks of so many groups are open from the start; more would make a long way to the next group.
    private static let openStacks = 3

    func html(_ page: some WaiterPage) -> [UInt8] {
        var html = HTMLWriter(title: page.kind.rawValue + "s", style: WaiterForm.style)
        WaiterForm(page).write(to: &html)
        for (index, group) in groups.enumerated() {
            html.raw("<section>\n<h2>")
            html.phrase(group.heading)
            html.raw("</h2>\n<ul>\n")
            for row in group.rows { Self.write(row, page.kind, to: &html) }
            if group.moreTargets > 0 { html.raw("<li>… and \(group.moreTargets) more to wait for</li>\n") }
            html.raw("</ul>\n")
            group.stack.write(to: &html, isOpen: index < Self.openStacks)
            html.raw("</section>\n")
        }
        Self.write(leftOut: leftOut, unknown: unknown, page.kind, to: &html)
        return html.finish()
    }

    static func write(leftOut: [String], unknown: [Unknown], _ kind: WaiterKind, to html: inout HTMLWriter) {
        for sentence in leftOut {
            html.raw("<p class=\"left-out\">")
            html.text(sentence)
            html.raw("</p>\n")
        }
        for group in unknown {
            html.raw("<section>\n<h2>")
            html.text("\(kind.counted(group.ids.count + group.more)), nothing known: \(group.reason)")
            html.raw("</h2>\n<p>")
            html.text(
                group.ids.map { String($0) }.joined(separator: ", ")
                    + (group.more > 0 ? ", … and \(group.more) more" : ""))
            html.raw("</p>\n</section>\n")
        }
    }

    private static func write(_ row: Row, _ kind: WaiterKind, to html: inout HTMLWriter) {
        html.raw("<li>")
        if let target = row.target {
            html.phrase(target)
            html.raw(": ")
        }
        write(row.members, more: row.more, kind, to: &html)
        html.raw("</li>\n")
    }

    /// Each with an anchor of its own, `thread-4711` or `task-17`.
    static func write(_ members: [Member], more: Int, _ kind: WaiterKind, to html: inout HTMLWriter) {
        for (index, member) in members.enumerated() {
            if index > 0 { html.raw(", ") }
            html.raw("<span id=\"\(kind.rawValue)-\(member.id)\">")
            html.phrase(Phrase(.link(String(member.id), kind, member.id)))
            if let name = member.name { html.text(" " + name) }
            for (place, detail) in member.details.enumerated() {
                html.raw(place == 0 ? " (" : ", ")
                html.phrase(detail)
            }
            html.raw(member.details.isEmpty ? "</span>" : ")</span>")
        }
        if more > 0 { html.raw(", … and \(more) more") }
    }
}

extension ShownStack {
    /// Folds open without script; closed it shows the innermost function that has a line.
    func write(to html: inout HTMLWriter, isOpen: Bool) {
        guard count > 0 else {
            html.raw("<p>")
            html.text(note ?? "")
            return html.raw("</p>\n")
        }
        html.raw(isOpen ? "<details open><summary>" : "<details><summary>")
        html.text(count == 1 ? "1 function: " : "\(count) functions: ")
        html.text(place?.title ?? "")
        html.raw("</summary>\n<ol>\n")
        for frame in inner { Self.write(frame, to: &html) }
        if omitted > 0 { html.raw("<li>… \(omitted) more functions …</li>\n") }
        for frame in outer { Self.write(frame, to: &html) }
        html.raw("</ol>\n")
        if let note {
            html.raw("<p>")
            html.text(note)
            html.raw("</p>\n")
        }
        html.raw("</details>\n")
    }

    private static func write(_ frame: SymbolicatedStacks.Frame, to html: inout HTMLWriter) {
        html.raw("<li>")
        html.text(frame.title)
        if let place = frame.place {
            html.raw("<br><small>")
            html.text(place)
            html.raw("</small>")
        }
        html.raw("</li>\n")
    }
}

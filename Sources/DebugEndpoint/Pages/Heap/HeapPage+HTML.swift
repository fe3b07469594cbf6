// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import HeapProfile

extension HeapPage {
    func html() -> [UInt8] {
        var html = HTMLWriter(title: "heap", style: WaiterForm.style + Self.style)
        for line in summary {
            html.raw("<p class=\"total\">")
            html.text(line)
            html.raw("</p>\n")
        }
        if snapshot != nil { writeForm(to: &html) }
        writeLinks(to: &html)
        for table in tables { table.write(to: &html) }
        return html.finish()
    }

    /// Shows this snapshot again, other rows of it or beside an earlier one. No field is ever empty when it is sent.
    private func writeForm(to html: inout HTMLWriter) {
        guard let snapshot, kept.contains(where: { $0.id == snapshot.id }) else { return }
        html.raw("<form method=\"get\" action=\"\(Self.path)\">\n")
        html.raw("<input type=\"hidden\" name=\"id\" value=\"\(snapshot.id)\">\n")
        html.raw("<label>type <input name=\"match\" required maxlength=\"\(Parameter.longest)\" value=\"")
        html.text(query.patterns ?? "*")
        html.raw("\"></label>\n<label>at most <input name=\"top\" required inputmode=\"numeric\" value=\"")
        html.raw("\(query.top ?? Self.pageLimit)\"> types</label>\n")
        if let earlier { html.raw("<input type=\"hidden\" name=\"since\" value=\"\(earlier.id)\">\n") }
        html.raw("<button>Show</button>\n</form>\n")
    }

    private func writeLinks(to html: inout HTMLWriter) {
        html.raw("<p>")
        link("new snapshot", Self.path, to: &html)
        if let snapshot {
            for other in kept where other.id < snapshot.id {
                link("growth since \(other.id)", "\(Self.path)?id=\(snapshot.id)&since=\(other.id)", to: &html)
            }
            link("text", "\(Self.path)?id=\(snapshot.id)&format=text", to: &html)
            link("JSON", "\(Self.path)?id=\(snapshot.id)&format=json", to: &html)
        }
        link("index", "/debug/", to: &html)
        html.raw("</p>\n")
    }

    private func link(_ words: String, _ target: String, to html: inout HTMLWriter) {
        html.raw("<a href=\"")
        html.text(target)
        html.raw("\">")
        html.text(words)
        html.raw("</a>\n")
    }

    private static let style = """
        td, th { text-align: right; white-space: nowrap; padding: .15rem .8rem .15rem 0; width: 1% }
        .name { text-align: left; white-space: normal; overflow-wrap: anywhere; width: auto }
        .part { padding-left: 1.2rem; color: GrayText }
        td { font: 13px/1.45 ui-monospace, monospace }

        """
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The head of an HTML page of threads or tasks: totals, the filter as a form, and the way to the other forms and pages.
struct WaiterForm {
    private let kind: WaiterKind
    private let filter: WaiterFilter
    private let states: [String]
    private let summary: [String]
    private let isTree: Bool

    init(_ page: some WaiterPage, isTree: Bool = false) {
        kind = page.kind
        filter = page.filter
        states = page.states
        summary = page.summary
        self.isTree = isTree
    }

    func write(to html: inout HTMLWriter) {
        for line in summary {
            html.raw("<p class=\"total\">")
            html.text(line)
            html.raw("</p>\n")
        }
        writeFields(to: &html)
        html.raw("<p>")
        let view = isTree ? [("view", "tree")] : []
        link("text", kind.path + filter.query([("format", "text")] + view), to: &html)
        link("JSON", kind.path + filter.query([("format", "json")]), to: &html)
        if kind == .task {
            let other = isTree ? [] : [("view", "tree")]
            link(isTree ? "by stack" : "as a tree", kind.path + filter.query(other), to: &html)
        }
        if !filter.admitsAll { link("all " + kind.rawValue + "s", kind.path, to: &html) }
        let neighbour: WaiterKind = kind == .task ? .thread : .task
        link(neighbour.rawValue + "s", neighbour.path, to: &html)
        link("index", "/debug/", to: &html)
        html.raw("</p>\n")
    }

    /// No field is ever empty when it is sent: an empty value is malformed, as everywhere.
    private func writeFields(to html: inout HTMLWriter) {
        html.raw("<form method=\"get\" action=\"\(kind.path)\">\n<label>state <select name=\"state\">")
        for state in [WaiterFilter.anyState] + states {
            html.raw(state == filter.state ? "<option selected>\(state)</option>" : "<option>\(state)</option>")
        }
        html.raw("</select></label>\n<label>name <input name=\"name\" required maxlength=\"1000\" value=\"")
        html.text(filter.patterns ?? "*")
        html.raw(
            "\"></label>\n<label>waiting for at least <input name=\"min_seconds\" required inputmode=\"decimal\" value=\""
        )
        html.text(filter.minimumSeconds)
        html.raw("\"> s</label>\n")
        if isTree { html.raw("<input type=\"hidden\" name=\"view\" value=\"tree\">\n") }
        html.raw("<button>Show</button>\n</form>\n")
    }

    private func link(_ words: String, _ target: String, to html: inout HTMLWriter) {
        html.raw("<a href=\"")
        html.text(target)
        html.raw("\">")
        html.text(words)
        html.raw("</a>\n")
    }

    static let style = """
        body { margin: 1rem auto }
        h2 { font-size: 1rem; margin: 1.4rem 0 .2rem; overflow-wrap: anywhere }
        ul, ol { margin: .2rem 0; overflow-wrap: anywhere }
        ul { list-style: none; padding-left: 0 }
        ul ul { border-left: 1px solid #8884; margin-left: .3rem; padding-left: .8rem }
        li { margin: .15rem 0 }
        ol { padding-left: 2.5rem }
        ol, section summary { font: 13px/1.45 ui-monospace, monospace }
        summary { overflow-wrap: anywhere; cursor: pointer }
        small { font: 12px/1.3 ui-monospace, monospace; color: GrayText }
        p { margin: .3rem 0 }
        p a { margin-right: .8rem }
        .total, .left-out { color: CanvasText }
        .left-out { margin-top: 1.4rem }
        :target { background: #fd06 }
        form { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1rem; margin: .6rem 0 }
        input, select, button { font: inherit }
        input { width: 8rem }
        input[inputmode] { width: 4rem }

        """
}

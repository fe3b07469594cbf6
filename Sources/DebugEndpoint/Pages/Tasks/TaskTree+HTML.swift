// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension TaskTree {
    /// Nested lists; what has something under it folds.
    func html(_ page: TasksPage) -> [UInt8] {
        var html = HTMLWriter(title: "tasks by parent", style: WaiterForm.style)
        WaiterForm(page, isTree: true).write(to: &html)
        html.raw("<ul>\n")
        var depth = 0
        for (index, node) in nodes.enumerated() {
            while depth > node.depth {
                html.raw("</ul></details></li>\n")
                depth -= 1
            }
            let isParent = index + 1 < nodes.count && nodes[index + 1].depth > node.depth
            html.raw(isParent ? "<li><details open><summary>" : "<li>")
            Self.write(node, to: &html)
            html.raw(isParent ? "</summary>\n<ul>\n" : "</li>\n")
            if isParent { depth += 1 }
        }
        for _ in 0..<depth { html.raw("</ul></details></li>\n") }
        html.raw("</ul>\n")
        WaiterListing.write(leftOut: leftOut, unknown: unknown, .task, to: &html)
        return html.finish()
    }

    private static func write(_ node: Node, to html: inout HTMLWriter) {
        let count = node.members.count + node.more
        html.text(count == 1 ? "task " : "\(WaiterKind.task.counted(count)), ")
        if count > 1 {
            html.phrase(node.line)
            html.raw(": ")
        }
        WaiterListing.write(node.members, more: node.more, .task, to: &html)
        if count == 1 {
            html.raw(": ")
            html.phrase(node.line)
        }
        if let place = node.place {
            html.raw("<br><small>")
            html.text(place.title + (place.place.map { " " + $0 } ?? ""))
            html.raw("</small>")
        }
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables

extension LeakExplanation {
    func body(_ format: PageFormat) -> [UInt8] {
        switch format {
        case .json: json()
        case .text: text()
        case .html: html()
        }
    }

    private var heading: String {
        switch state {
        case .leaked: "\(title) will never wake: \(leak?.verdict.rawValue ?? "leaked"), \(reason)"
        case .kept: "\(title) waits and is no leak: \(reason)"
        case .awake: "\(title) is no leak: \(reason)"
        case .unknown: "nothing is said of \(title): \(reason)"
        }
    }

    private static let legend = "from who is awake to what it waits on; each step refers to, or wakes, the next:"

    private func text() -> [UInt8] {
        var writer = TextWriter(capacity: 4096)
        writer.write(line: shownText(heading))
        if !chain.isEmpty {
            writer.write("\n")
            writer.write(line: Self.legend)
        }
        for link in chain { writer.write(line: "  " + link.line) }
        if let leak { ShownStack(leak.stack.map(\.shown), note: nil).write(to: &writer) }
        return writer.finish()
    }

    private func html() -> [UInt8] {
        var html = HTMLWriter(title: title, style: WaiterForm.style)
        html.raw("<p class=\"total\">")
        html.text(shownText(heading))
        html.raw("</p>\n")
        if !chain.isEmpty {
            html.raw("<p>")
            html.text(Self.legend)
            html.raw("</p>\n<ol>\n")
            for link in chain {
                html.raw("<li>")
                html.text(link.line)
                html.raw("</li>\n")
            }
            html.raw("</ol>\n")
        }
        if let leak { ShownStack(leak.stack.map(\.shown), note: nil).write(to: &html, isOpen: true) }
        html.raw("<p><a href=\"\(LeaksPage.path)\">leaks</a> <a href=\"\(kind.path)?id=\(id)\">\(kind) \(id)</a></p>\n")
        return html.finish()
    }

    private func json() -> [UInt8] {
        var writer = TextWriter(capacity: 4096)
        writer.write(string: "{\"kind\": \"\(kind.rawValue)\", \"id\": \(id), \"name\": ")
        writer.write(json: name)
        writer.write(string: ", \"state\": \"\(state.rawValue)\", \"reason\": ")
        writer.write(json: reason)
        writer.write(",\n\"chain\": [")
        for (index, link) in chain.enumerated() {
            writer.write(
                string: (index == 0 ? "\n" : ",\n") + "{\"kind\": \"\(link.kind.rawValue)\", \"description\": ")
            writer.write(json: link.description)
            writer.write(", \"address\": ")
            writer.write(json: link.address.map(shownAddress))
            writer.write("}")
        }
        writer.write("],\n\"leak\": ")
        if let leak { leak.write(to: &writer) } else { writer.write("null") }
        writer.write("}\n")
        return writer.finish()
    }
}

extension LeakExplanation.Link {
    fileprivate var line: String { shownText(description) + (address.map { "  \(shownAddress($0))" } ?? "") }
}

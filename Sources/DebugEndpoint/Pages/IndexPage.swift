// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import HeapProfile
import MicroHTTP

/// `/debug/`: every path with a sentence and its state, as HTML for browsers and as text for everybody else.
enum IndexPage {
    static func answer(_ request: RouteRequest, _ endpoint: Endpoint) -> Response {
        let rows = RouteTable.routes.map { Row(path: $0.path, state: $0.state(endpoint), sentence: $0.sentence) }
        let title = "debug endpoint of " + (endpoint.arguments.first ?? "this process")
        let headers = [(name: "Vary", value: "Accept")]
        guard request.prefersHTML else {
            let body = Array(text(title, rows).utf8)
            return Response(contentType: "text/plain; charset=utf-8", headers: headers, body: body)
        }
        return Response(contentType: "text/html; charset=utf-8", headers: headers, body: html(title, rows))
    }

    private struct Row {
        let path: String
        let state: String
        let sentence: String
    }

    /// What a reader must know to read the figures right.
    private static var notes: [String] {
        let refusal = TapRefusal.current.map {
            " Mallocs, Frees, TotalAlloc and HeapObjects are 0 because nobody counts them: \($0.description)."
        }
        return [
            "memstats follows Go's names. There is no garbage collector: its fields are 0 because that is the truth."
                + (refusal ?? ""),
            "GET changes nothing.",
        ]
    }

    private static func text(_ title: String, _ rows: [Row]) -> String {
        let pathWidth = rows.map(\.path.count).max() ?? 0
        let stateWidth = rows.map(\.state.count).max() ?? 0
        let lines = rows.map { row in
            padded(row.path, pathWidth) + "  " + padded(row.state, stateWidth) + "  " + row.sentence
        }
        return ([title, ""] + lines + [""] + notes).joined(separator: "\n") + "\n"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func html(_ title: String, _ rows: [Row]) -> [UInt8] {
        var page = HTMLWriter(title: title)
        page.raw("<table>\n<tr><th>path</th><th>state</th><th>what it shows</th></tr>\n")
        for row in rows {
            page.raw("<tr><td><a href=\"\(row.path)\">\(row.path)</a></td><td>")
            page.text(row.state)
            page.raw("</td><td>")
            page.text(row.sentence)
            page.raw("</td></tr>\n")
        }
        page.raw("</table>\n")
        for note in notes {
            page.raw("<p>")
            page.text(note)
            page.raw("</p>\n")
        }
        return page.finish()
    }
}

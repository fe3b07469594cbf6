// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables

/// A table of figures with a name at the end of each row, as text or HTML.
struct HeapTable {
    let title: String
    /// All but the last are figures.
    let columns: [String]
    var rows: [[String]] = []
    /// Sentences below it.
    var after: [String] = []

    init(title: String, columns: [String]) {
        self.title = title
        self.columns = columns
    }

    func write(to writer: inout TextWriter) {
        let widths = columns.indices.map { column in
            max(columns[column].count, rows.map { $0[column].count }.max() ?? 0)
        }
        for row in [columns] + rows {
            var line = ""
            for (index, cell) in row.enumerated() {
                let isLast = index == row.count - 1
                line += "  " + (isLast ? "" : String(repeating: " ", count: widths[index] - cell.count)) + cell
            }
            writer.write(line: line)
        }
        for sentence in after { writer.write(line: sentence) }
    }

    func write(to html: inout HTMLWriter) {
        html.raw("<section>\n<h2>")
        html.text(title)
        html.raw("</h2>\n<table>\n<tr>")
        for (index, column) in columns.enumerated() {
            html.raw(index == columns.count - 1 ? "<th class=\"name\">" : "<th>")
            html.text(column)
            html.raw("</th>")
        }
        html.raw("</tr>\n")
        for row in rows {
            html.raw("<tr>")
            for (index, cell) in row.enumerated() {
                let isLast = index == row.count - 1
                let isPart = isLast && cell.hasPrefix("  ")
                html.raw(isLast ? isPart ? "<td class=\"name part\">" : "<td class=\"name\">" : "<td>")
                html.text(cell)
                html.raw("</td>")
            }
            html.raw("</tr>\n")
        }
        html.raw("</table>\n")
        for sentence in after {
            html.raw("<p>")
            html.text(sentence)
            html.raw("</p>\n")
        }
        html.raw("</section>\n")
    }
}

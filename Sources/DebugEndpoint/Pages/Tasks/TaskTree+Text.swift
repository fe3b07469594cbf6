// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables

extension TaskTree {
    /// A line for who and what, indented by depth, and one for where.
    func text(_ summary: [String]) -> [UInt8] {
        var writer = TextWriter(capacity: 1 << 16)
        for line in summary { writer.write(line: line) }
        for node in nodes {
            let indent = String(repeating: "  ", count: node.depth)
            if node.depth == 0 { writer.write("\n") }
            let count = node.members.count + node.more
            let who = node.members.map(\.text) + (node.more > 0 ? ["… and \(node.more) more"] : [])
            let start = count == 1 ? "task " : "\(WaiterKind.task.counted(count)), "
            let names = who.joined(separator: ", ")
            // One task is named first; of many the reader wants to know first what they do.
            writer.write(
                line: indent
                    + (count == 1 ? start + names + ": " + node.line.text : start + node.line.text + ": " + names))
            if let place = node.place {
                writer.write(line: indent + "    at " + place.title + (place.place.map { " " + $0 } ?? ""))
            }
        }
        WaiterListing.write(leftOut: leftOut, unknown: unknown, .task, to: &writer)
        return writer.finish()
    }
}

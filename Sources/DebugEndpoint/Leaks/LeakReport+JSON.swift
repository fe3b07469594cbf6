// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables

extension LeakReport {
    /// The fixed keys, a leak on a line.
    func json() -> [UInt8] {
        var writer = TextWriter(capacity: 1024 + leaks.count * 2048)
        writer.write("{\"leaks\": [")
        for (index, leak) in leaks.enumerated() {
            writer.write(index == 0 ? "\n" : ",\n")
            leak.write(to: &writer)
        }
        writer.write("],\n\"unknown\": [")
        for (index, unknown) in unknown.enumerated() {
            writer.write(index == 0 ? "\n" : ",\n")
            writer.write(string: "{\"kind\": \"\(unknown.kind.rawValue)\", \"id\": \(unknown.id), \"reason\": ")
            writer.write(json: unknown.reason)
            writer.write("}")
        }
        writer.write(string: "],\n\"waiters\": \(waiters), \"scans\": \(scans), \"pause_seconds\": ")
        writer.write(json: Optional(pause))
        writer.write(", \"duration_seconds\": ")
        writer.write(json: Optional(duration))
        writer.write(string: ", \"scanned_bytes\": \(scannedBytes), \"retracted\": \(retracted)}\n")
        return writer.finish()
    }
}

extension Leak {
    func write(to writer: inout TextWriter) {
        writer.write(string: "{\"kind\": \"\(kind.rawValue)\", \"id\": \(id), \"name\": ")
        writer.write(json: name)
        writer.write(string: ", \"verdict\": \"\(verdict.rawValue)\", \"certainty\": \"\(certainty.rawValue)\", ")
        writer.write("\"waiting_on\": {\"primitive\": ")
        writer.write(json: waitingOn.primitive)
        writer.write(string: ", \"address\": \"\(shownAddress(waitingOn.address))\", \"type\": ")
        writer.write(json: waitingOn.type)
        writer.write("}, \"holder\": ")
        if let holder {
            writer.write(string: "{\"kind\": \"\(holder.kind.rawValue)\", \"id\": \(holder.id), \"name\": ")
            writer.write(json: holder.name)
            writer.write("}")
        } else {
            writer.write("null")
        }
        writer.write(", \"reason\": ")
        writer.write(json: reason)
        writer.write(", \"blocked_seconds\": ")
        writer.write(json: Optional(blocked))
        writer.write(", \"stack\": [")
        for (index, frame) in stack.prefix(StackJSON.frameLimit).enumerated() {
            if index > 0 { writer.write(", ") }
            writer.write(bytes: StackJSON.frame(frame.shown))
        }
        writer.write(string: "], \"stack_omitted\": \(max(0, stack.count - StackJSON.frameLimit))}")
    }
}

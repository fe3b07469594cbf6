// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import ProcessSnapshot

extension ThreadsPage {
    /// One thread on a line. What is not known is null.
    func json() -> [UInt8] {
        let frames = StackJSON(stacks)
        var writer = TextWriter(capacity: frames.capacity(waiters))
        writer.write("{\"threads\": [")
        for (index, thread) in threads.enumerated() {
            writer.write(index == 0 ? "\n" : ",\n")
            Self.write(thread, to: &writer)
            frames.write(waiters[index], to: &writer)
            writer.write("}")
        }
        writer.write("\n],\n")
        writer.write(totals: totals, matched: threads.count + omitted, omitted: omitted, unknown: unknown)
        writer.write(",\n\"pause_seconds\": ")
        writer.write(json: pause)
        writer.write("}\n")
        return writer.finish()
    }

    private static func write(_ thread: ThreadSnapshot, to writer: inout TextWriter) {
        writer.write("{\"id\": ")
        writer.write(Int(thread.id))
        writer.write(", \"name\": ")
        writer.writeQuoted(thread.name, style: .encodingJSON)
        writer.write(", \"role\": ")
        writer.writeQuoted(thread.role.rawValue, style: .encodingJSON)
        writer.write(", \"state\": ")
        writer.writeQuoted(thread.state.rawValue, style: .encodingJSON)
        writer.write(", \"system_call\": ")
        writer.write(json: thread.systemCall)
        writer.write(", \"cpu_seconds\": ")
        writer.write(json: Optional(thread.cpuTime))
        writer.write(", \"waiting_on\": ")
        if let primitive = thread.waitingOn {
            writer.write("{\"primitive\": ")
            writer.writeQuoted(primitive.kind, style: .encodingJSON)
            writer.write(", \"address\": ")
            writer.writeQuoted(shownAddress(primitive.address), style: .encodingJSON)
            writer.write(", \"label\": ")
            writer.write(json: primitive.label)
            writer.write("}")
        } else {
            writer.write("null")
        }
        writer.write(", \"holder\": ")
        if let holder = thread.holder {
            writer.write("{\"id\": ")
            writer.write(Int(holder.id))
            writer.write(", \"name\": ")
            writer.write(json: holder.name)
            writer.write("}")
        } else {
            writer.write("null")
        }
        writer.write(", \"waiting_seconds\": ")
        writer.write(json: thread.waiting)
        writer.write(", \"task\": ")
        writer.write(json: thread.task)
    }
}

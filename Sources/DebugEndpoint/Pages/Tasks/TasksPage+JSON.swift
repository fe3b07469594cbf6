// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import ProcessSnapshot

extension TasksPage {
    /// One task on a line. What is not known is null.
    func json() -> [UInt8] {
        let frames = StackJSON(stacks)
        var writer = TextWriter(capacity: frames.capacity(waiters))
        writer.write("{\"tasks\": [")
        for (index, task) in tasks.enumerated() {
            writer.write(index == 0 ? "\n" : ",\n")
            Self.write(task, waiting: waiters[index].waiting, to: &writer)
            frames.write(waiters[index], to: &writer)
            writer.write("}")
        }
        writer.write("\n],\n")
        writer.write(totals: totals, matched: tasks.count + omitted, omitted: omitted, unknown: unknown)
        writer.write(",\n\"pause_seconds\": ")
        writer.write(json: pause)
        writer.write("}\n")
        return writer.finish()
    }

    private static func write(_ task: TaskSnapshot, waiting: Duration?, to writer: inout TextWriter) {
        writer.write("{\"id\": ")
        writer.write(task.id)
        writer.write(", \"name\": ")
        writer.write(json: task.name)
        writer.write(", \"priority\": ")
        writer.write(task.priority)
        writer.write(", \"state\": ")
        writer.writeQuoted(task.state.rawValue, style: .encodingJSON)
        writer.write(task.isCancelled ? ", \"cancelled\": true" : ", \"cancelled\": false")
        writer.write(", \"origin\": ")
        writer.writeQuoted(task.origin.rawValue, style: .encodingJSON)
        writer.write(", \"address\": ")
        writer.writeQuoted(shownAddress(task.address), style: .encodingJSON)
        writer.write(", \"thread\": ")
        writer.write(json: task.thread)
        writer.write(", \"waiting_on\": ")
        if let wait = task.waitingOn {
            write(wait, to: &writer)
        } else {
            writer.write("null")
        }
        writer.write(", \"seen_waiting_seconds\": ")
        writer.write(json: waiting)
        writer.write(", \"parent\": ")
        writer.write(json: task.parent)
        writer.write(", \"children\": [")
        for (index, child) in task.children.enumerated() {
            if index > 0 { writer.write(", ") }
            writer.write(child)
        }
        writer.write("]")
    }

    private static func write(_ wait: TaskSnapshot.Wait, to writer: inout TextWriter) {
        writer.write("{\"kind\": ")
        writer.writeQuoted(wait.kind.rawValue, style: .encodingJSON)
        writer.write(", \"id\": ")
        writer.write(json: wait.task)
        writer.write(", \"address\": ")
        writer.write(json: wait.address == 0 ? nil : shownAddress(wait.address))
        writer.write(", \"description\": ")
        writer.writeQuoted(wait.description, style: .encodingJSON)
        writer.write("}")
    }
}

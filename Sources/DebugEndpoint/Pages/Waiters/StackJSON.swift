// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import ProcessSnapshot

/// The stacks of a page as JSON, each written once and copied to wherever it stands.
struct StackJSON {
    private let texts: [[UInt8]]

    /// Outer frames of deeper stacks are left out, and counted in `stack_omitted`.
    static let frameLimit = 128

    init(_ stacks: SymbolicatedStacks) {
        let frames = stacks.frames.map(Self.frame)
        texts = stacks.stacks.map { stack in
            let shown = stack.prefix(Self.frameLimit)
            var writer = TextWriter(capacity: shown.reduce(64) { $0 + frames[$1].count + 2 })
            writer.write(", \"stack\": [")
            for (depth, frame) in shown.enumerated() {
                if depth > 0 { writer.write(", ") }
                writer.write(bytes: frames[frame])
            }
            writer.write("], \"stack_omitted\": ")
            writer.write(max(0, stack.count - Self.frameLimit))
            return writer.finish()
        }
    }

    /// About so many bytes will be written for these.
    func capacity(_ waiters: [Waiter]) -> Int {
        waiters.reduce(4096) { $0 + texts[$1.stack].count + 512 }
    }

    /// The members of a thread or task that say where it stands.
    func write(_ waiter: Waiter, to writer: inout TextWriter) {
        writer.write(bytes: texts[waiter.stack])
        writer.write(", \"stack_note\": ")
        writer.write(json: waiter.stackNote)
    }

    static func frame(_ frame: SymbolicatedStacks.Frame) -> [UInt8] {
        var writer = TextWriter(capacity: 256)
        writer.write("{\"function\": ")
        writer.write(json: frame.function)
        writer.write(", \"file\": ")
        writer.write(json: frame.file)
        writer.write(", \"line\": ")
        writer.write(json: frame.line)
        writer.write(frame.isInlined ? ", \"inlined\": true" : ", \"inlined\": false")
        if frame.function == nil {
            writer.write(", \"address\": ")
            writer.writeQuoted(shownAddress(frame.address), style: .encodingJSON)
            writer.write(", \"image\": ")
            writer.write(json: frame.image)
        }
        writer.write("}")
        return writer.finish()
    }
}

extension TextWriter {
    private static var unknownLimit: Int { 1000 }

    mutating func write(json text: String?) {
        guard let text else { return write("null") }
        writeQuoted(text, style: .encodingJSON)
    }

    mutating func write(json number: (some BinaryInteger)?) {
        guard let number else { return write("null") }
        if number < 0 { write(byte: UInt8(ascii: "-")) }
        write(UInt64(clamping: number.magnitude))
    }

    /// In seconds.
    mutating func write(json duration: Duration?) {
        write(json: duration.map { JSONValue.double($0.inSeconds) } ?? .null)
    }

    /// What threads and tasks have in common at the end.
    mutating func write(
        totals: WaiterTotals, matched: Int, omitted: Int, unknown: [UnknownWaiter]
    ) {
        write("\"totals\": {")
        for (index, total) in totals.states.enumerated() {
            if index > 0 { write(", ") }
            writeQuoted(total.state, style: .encodingJSON)
            write(": ")
            write(total.count)
        }
        write("},\n\"matched\": ")
        write(matched)
        write(",\n\"omitted\": ")
        write(omitted)
        write(",\n\"unknown\": [")
        for (index, waiter) in unknown.prefix(Self.unknownLimit).enumerated() {
            write(index == 0 ? "\n{\"id\": " : ",\n{\"id\": ")
            write(waiter.id)
            write(", \"reason\": ")
            writeQuoted(waiter.reason, style: .encodingJSON)
            write("}")
        }
        write("],\n\"unknown_omitted\": ")
        write(max(0, unknown.count - Self.unknownLimit))
    }
}

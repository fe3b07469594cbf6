// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import HeapProfile

extension HeapPage {
    /// One type on a line. What is not known is null.
    func json() -> [UInt8] {
        var writer = TextWriter(capacity: 4096 + rows.count * 96)
        writer.write("{\"id\": ")
        writer.write(json: snapshot?.id)
        writer.write(",\n\"types\": ")
        writeTypes(to: &writer)
        writer.write(",\n\"c_blocks\": ")
        writeSizes(to: &writer)
        writer.write(",\n\"memory\": ")
        writeMemory(to: &writer)
        writer.write(",\n\"arenas\": ")
        writeArenas(to: &writer)
        writer.write(",\n\"totals\": ")
        writeTotals(to: &writer)
        writer.write(",\n\"since\": ")
        if let earlier {
            writer.write("{\"id\": ")
            writer.write(earlier.id)
            writer.write(", \"seconds_before\": ")
            writer.write(json: snapshot.map { $0.taken - earlier.taken })
            writer.write("}")
        } else {
            writer.write("null")
        }
        writer.write(",\n\"kept\": [")
        for (index, snapshot) in kept.enumerated() {
            writer.write(index == 0 ? "{\"id\": " : ", {\"id\": ")
            writer.write(snapshot.id)
            writer.write(", \"age_seconds\": ")
            writer.write(json: Optional(now - snapshot.taken))
            writer.write("}")
        }
        writer.write("],\n\"sentence\": ")
        writer.write(json: sentence)
        writer.write(",\n\"refusal\": ")
        writer.write(json: refusal)
        writer.write(",\n\"notes\": ")
        writer.write(json: .array(notes.map { .string($0) }))
        writer.write(",\n\"duration_seconds\": ")
        writer.write(json: snapshot?.duration)
        writer.write("}\n")
        return writer.finish()
    }

    private func writeTypes(to writer: inout TextWriter) {
        guard snapshot != nil else { return writer.write("null") }
        writer.write("[")
        for (index, row) in rows.enumerated() {
            writer.write(index == 0 ? "\n{\"name\": " : ",\n{\"name\": ")
            writer.writeQuoted(row.type.name, style: .encodingJSON)
            writer.write(", \"count\": ")
            writer.write(UInt64(row.type.count))
            writer.write(", \"bytes\": ")
            writer.write(UInt64(row.type.bytes))
            if let count = row.countGrowth, let bytes = row.bytesGrowth {
                writer.write(", \"count_growth\": ")
                writer.write(count)
                writer.write(", \"bytes_growth\": ")
                writer.write(bytes)
            }
            writer.write("}")
        }
        writer.write("\n]")
    }

    private func writeSizes(to writer: inout TextWriter) {
        guard let snapshot else { return writer.write("null") }
        writer.write("[")
        for (index, size) in snapshot.sizes.enumerated() {
            writer.write(index == 0 ? "\n{\"size\": " : ",\n{\"size\": ")
            writer.write(UInt64(size.size))
            writer.write(", \"count\": ")
            writer.write(UInt64(size.count))
            writer.write(", \"bytes\": ")
            writer.write(UInt64(size.bytes))
            writer.write("}")
        }
        writer.write("\n]")
    }

    private func writeMemory(to writer: inout TextWriter) {
        let figures: [(String, UInt?)] = [
            ("live_bytes", memory?.live), ("retained_bytes", memory?.retained), ("stack_bytes", memory?.stacks),
            ("file_bytes", memory?.files), ("other_bytes", memory?.other), ("resident_bytes", memory?.resident),
            ("other_allocator_bytes", memory?.allocator), ("other_overhead_bytes", memory?.overhead),
            ("other_endpoint_bytes", memory?.endpoint), ("other_image_data_bytes", memory?.imageData),
            ("other_rest_bytes", memory?.rest), ("stack_ended_bytes", memory?.endedStacks),
            ("live_not_resident_bytes", memory?.liveNotResident), ("live_blocks", snapshot?.blocks),
            ("mapped_bytes", memory?.mapped),
        ]
        for (index, figure) in figures.enumerated() {
            writer.write(index == 0 ? "{" : ", ")
            writer.writeQuoted(figure.0, style: .encodingJSON)
            writer.write(": ")
            writer.write(json: figure.1)
        }
        writer.write("}")
    }

    private func writeArenas(to writer: inout TextWriter) {
        guard let arenas = memory?.arenas else { return writer.write("null") }
        writer.write("[")
        for (index, arena) in arenas.enumerated() {
            writer.write(index == 0 ? "\n{\"name\": " : ",\n{\"name\": ")
            writer.writeQuoted(arena.name, style: .encodingJSON)
            writer.write(", \"resident_bytes\": ")
            writer.write(UInt64(arena.resident))
            writer.write(", \"live_bytes\": ")
            writer.write(json: arena.live)
            writer.write(", \"retained_bytes\": ")
            writer.write(json: arena.retained)
            writer.write("}")
        }
        writer.write("\n]")
    }

    private func writeTotals(to writer: inout TextWriter) {
        guard let snapshot else { return writer.write("null") }
        writer.write("{\"types\": ")
        writer.write(snapshot.types.count)
        writer.write(", \"matched\": ")
        writer.write(matched)
        writer.write(", \"omitted\": ")
        writer.write(omitted)
        writer.write(", \"typed_blocks\": ")
        writer.write(UInt64(snapshot.typedBlocks))
        writer.write(", \"typed_bytes\": ")
        writer.write(UInt64(snapshot.typedBytes))
        writer.write(", \"unread_blocks\": ")
        writer.write(UInt64(snapshot.unread))
        writer.write("}")
    }
}

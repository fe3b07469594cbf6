// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import HeapProfile

extension HeapPage {
    /// The sentence, the classes of memory, then types and sizes as tables.
    func text() -> [UInt8] {
        var writer = TextWriter(capacity: 1 << 16)
        for line in summary { writer.write(line: line) }
        for table in tables {
            writer.write("\n")
            writer.write(line: table.title)
            table.write(to: &writer)
        }
        return writer.finish()
    }

    /// What a page says first.
    var summary: [String] {
        var lines: [String] = []
        if let refusal { lines.append(refusal) }
        if let snapshot {
            var line =
                "snapshot \(snapshot.id): \(snapshot.blocks) live blocks, "
                + "\(snapshot.typedBlocks) of them of \(snapshot.types.count) Swift types, counted in "
                + "\(snapshot.duration.shown) while the program ran on"
            if let earlier { line += "; growth is since snapshot \(earlier.id)" }
            lines.append(line)
        }
        if let sentence { lines.append(sentence) }
        lines += notes
        if kept.count > 1 || query.id != nil {
            let ids = kept.map { "\($0.id) (\((now - $0.taken).shown) ago)" }
            lines.append("kept snapshots: " + ids.joined(separator: ", "))
        }
        return lines
    }

    var tables: [HeapTable] {
        var tables = [memoryTable, arenaTable].compactMap { $0 }
        if snapshot != nil { tables += [typeTable, sizeTable] }
        return tables
    }

    private var memoryTable: HeapTable? {
        guard let memory else { return nil }
        let all: [(words: String, bytes: UInt?, isPart: Bool)] = [
            ("live blocks", memory.live, false), ("retained: freed, and kept by glibc", memory.retained, false),
            ("thread stacks", memory.stacks, false),
            ("of threads that have ended, kept for new ones", memory.endedStacks, true),
            ("files and shared memory", memory.files, false), ("other", memory.other, false),
            ("the allocator's, live or free", memory.allocator, true),
            ("words between blocks, and records of the allocator", memory.overhead, true),
            ("variables of the program and its libraries", memory.imageData, true),
            ("tables of the debug endpoint", memory.endpoint, true),
            ("mapped by the program itself, or not known", memory.rest, true), ("resident", memory.resident, false),
        ]
        var table = HeapTable(title: "memory", columns: ["bytes", "", "what"])
        for row in all {
            guard let bytes = row.bytes, !row.isPart || bytes > 0 else { continue }
            table.rows.append([String(bytes), MemoryAccount.bytes(bytes), (row.isPart ? "  " : "") + row.words])
        }
        if let absent = memory.liveNotResident, absent > 0 {
            table.after.append("Live blocks have \(MemoryAccount.bytes(absent)) more that are not in memory.")
        }
        table.after.append("All that is mapped, in memory or not: \(MemoryAccount.bytes(memory.mapped)).")
        return table
    }

    private var arenaTable: HeapTable? {
        guard let arenas = memory?.arenas, !arenas.isEmpty else { return nil }
        let limit = 20
        var table = HeapTable(
            title: arenas.count == 1 ? "arena of glibc" : "\(arenas.count) arenas of glibc",
            columns: ["resident", "live", "retained", "arena"])
        for arena in arenas.prefix(limit) {
            table.rows.append([
                MemoryAccount.bytes(arena.resident), arena.live.map(MemoryAccount.bytes) ?? "unknown",
                arena.retained.map(MemoryAccount.bytes) ?? "unknown", arena.name,
            ])
        }
        if arenas.count > limit { table.after.append("\(arenas.count - limit) smaller arenas left out: JSON has all") }
        return table
    }

    private var typeTable: HeapTable {
        let withGrowth = earlier != nil
        var table = HeapTable(
            title: "Swift types" + (query.patterns == nil ? "" : ", \(matched) that match"),
            columns: withGrowth ? ["growth", "more", "bytes", "count", "type"] : ["bytes", "count", "type"])
        for row in rows {
            var cells = [String(row.type.bytes), String(row.type.count), shownText(row.type.name)]
            if let count = row.countGrowth, let bytes = row.bytesGrowth {
                cells = [Self.signed(bytes), Self.signed(count)] + cells
            }
            table.rows.append(cells)
        }
        if omitted > 0 { table.after.append("\(omitted) more types left out: raise top, or narrow with match") }
        return table
    }

    private static func signed(_ number: Int) -> String { number > 0 ? "+\(number)" : String(number) }

    private var sizeTable: HeapTable {
        var table = HeapTable(
            title: "blocks without a Swift type, by usable size", columns: ["bytes", "count", "size"])
        for size in snapshot?.sizes ?? [] {
            let isOneSize = size.size * size.count == size.bytes
            table.rows.append([
                String(size.bytes), String(size.count), String(size.size) + (isOneSize ? "" : " and more"),
            ])
        }
        return table
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The functions of one image, sorted by address: from .symtab, else from its separate debug file, else from .dynsym.
///
/// Holds 12 bytes a function; names are read from the file when asked for and then kept. Trusts nothing in the file.
struct SymbolTable {
    private struct Entry {
        let start: UInt32  // from the image's lowest address; larger images than 4 GiB have no table
        let end: UInt32
        let name: UInt32  // offset in the string table
    }

    private let file: ImageFile
    private let origin: UInt64
    private let nameOffset: UInt64
    private let nameSize: UInt64
    private let entries: [Entry]
    private let taskVariables: [SymbolList.Function]
    private var names: [UInt32: String] = [:]
    /// Of async functions, before relocation; sorted and merged.
    let asyncCode: [Range<UInt64>]

    /// Cost: reads the symbol and string tables once, some 30 ms for 40 000 symbols.
    init?(_ image: ImageFile) {
        guard let found = Self.find(image), let open = found.file.open(),
            let names = found.sections[found.table.link],
            let symbols = open.exactly(found.table.size, at: found.table.offset),
            let text = open.exactly(names.size, at: names.offset)
        else { return nil }
        file = found.file
        nameOffset = names.offset
        nameSize = names.size
        origin = image.header.lowestAddress
        let code = found.sections.code
        (entries, asyncCode, taskVariables) = text.withUnsafeBytes { text in
            symbols.withUnsafeBytes { symbols in
                let functions = SymbolList(symbols, names: text, code: code)
                return (
                    Self.entries(functions, names: text, origin: image.header.lowestAddress),
                    functions.asyncCode(names: text), functions.taskVariables
                )
            }
        }
    }

    static func find(_ image: ImageFile) -> (
        file: ImageFile, sections: ElfSections, table: ElfSections.Section
    )? {
        let candidates = [image, ImageFile(debugFileFor: image)].compactMap { $0 }
        for name in [".symtab", ".dynsym"] {
            for file in candidates {
                guard let open = file.open() else { continue }
                let sections = ElfSections(file.header, in: open)
                if let table = sections[name], table.size >= 24 { return (file, sections, table) }
            }
        }
        return nil
    }

    private static func entries(_ list: SymbolList, names: UnsafeRawBufferPointer, origin: UInt64) -> [Entry] {
        var functions = list.functions
        functions.sort { $0.start < $1.start }
        var entries: [Entry] = []
        entries.reserveCapacity(functions.count)
        var index = 0
        while index < functions.count {
            // Of the names of one address, the best.
            var best = functions[index]
            var next = index + 1
            while next < functions.count, functions[next].start == best.start {
                if functions[next].isBetter(than: best, names: names) { best = functions[next] }
                next += 1
            }
            index = next
            let limit = list.endOfCode(best.start)
            // What has no size, as assembly, goes to the next function.
            let end =
                best.size > 0
                ? best.start &+ min(best.size, limit &- best.start)
                : min(next < functions.count ? functions[next].start : limit, limit)
            guard best.start >= origin, let start = UInt32(exactly: best.start &- origin),
                let last = UInt32(exactly: end &- origin), start < last
            else { continue }
            entries.append(Entry(start: start, end: last, name: best.name))
        }
        return entries
    }

    var count: Int { entries.count }

    /// The function that has `address` (before relocation), and its start. Cost: a binary search, and one read the first time.
    mutating func function(at address: UInt64) -> (name: String, start: UInt64)? {
        guard address >= origin, let offset = UInt32(exactly: address &- origin) else { return nil }
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].start <= offset { low = middle + 1 } else { high = middle }
        }
        // Functions may lie in functions: local labels of assembly, parts of the loader. A few steps back find the outer one.
        for index in stride(from: low - 1, through: max(low - 8, 0), by: -1) where entries[index].end > offset {
            return name(entries[index].name).map { ($0, origin &+ UInt64(entries[index].start)) }
        }
        return nil
    }

    /// The variable that has `address` (before relocation), of those whose type has to do with `Task`.
    mutating func taskVariable(at address: UInt64) -> (name: String, start: UInt64)? {
        guard let variable = taskVariables.first(where: { address >= $0.start && address - $0.start < $0.size }) else {
            return nil
        }
        return name(variable.name).map { ($0, variable.start) }
    }

    private mutating func name(_ offset: UInt32) -> String? {
        if let known = names[offset] { return known }
        guard UInt64(offset) < nameSize, let open = file.open() else { return nil }
        var size = 512
        while true {
            let wanted = min(size, Int(nameSize - UInt64(offset)))
            let bytes = open.bytes(at: nameOffset &+ UInt64(offset), atMost: wanted)
            if let end = bytes.firstIndex(of: 0) {
                // Symbols of C libraries may carry their version: `__libc_start_main@@GLIBC_2.34`.
                let name = String(decoding: bytes[..<end].prefix { $0 != UInt8(ascii: "@") }, as: UTF8.self)
                if names.count >= 65_536 { names = [:] }
                names[offset] = name
                return name
            }
            if bytes.count < size || size >= 1 << 20 { return nil }
            size *= 16
        }
    }
}

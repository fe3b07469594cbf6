// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The symbols of one table that are functions, and those that tell which functions are async. Source: elf(5), Swift's mangling.
struct SymbolList {
    struct Function {
        let start: UInt64
        let size: UInt64
        let name: UInt32
        let binding: UInt8

        /// Which of two names for one address people know: `poll` rather than `__poll`, a global rather than a local one.
        func isBetter(than other: Function, names: UnsafeRawBufferPointer) -> Bool {
            if (size == 0) != (other.size == 0) { return size != 0 }
            let mine = SymbolList.name(name, in: names)
            let others = SymbolList.name(other.name, in: names)
            let underscores = (mine.prefix(3).prefix { $0 == 0x5f }.count, others.prefix(3).prefix { $0 == 0x5f }.count)
            if underscores.0 != underscores.1 { return underscores.0 < underscores.1 }
            if (binding == 0) != (other.binding == 0) { return binding != 0 }
            if mine.count != others.count { return mine.count < others.count }
            return mine.lexicographicallyPrecedes(others)
        }
    }

    private(set) var functions: [Function] = []
    /// Swift's variables whose type has to do with `Task`, and libdispatch's kinds of what carries jobs: there are few.
    private(set) var taskVariables: [Function] = []
    /// Hashes of the names of functions that have an async function pointer. Two names with one 64-bit hash are not expected.
    private var asyncEntries: Set<Int> = []
    private let code: [Range<UInt64>]

    init(_ symbols: UnsafeRawBufferPointer, names: UnsafeRawBufferPointer, code: [Range<UInt64>]) {
        self.code = code
        let (none, object, function, indirect): (UInt8, UInt8, UInt8, UInt8) = (0, 1, 2, 10)
        for index in 0..<(symbols.count / 24) {
            var cursor = ByteCursor(symbols, at: index * 24)
            let name = cursor.integer(UInt32.self)
            let info = cursor.integer(UInt8.self)
            cursor.skip(1)
            let section = cursor.integer(UInt16.self)
            let start = cursor.integer(UInt64.self)
            let size = cursor.integer(UInt64.self)
            guard section != 0, info & 15 != none, Int(name) < names.count else { continue }
            switch info & 15 {
            case function, indirect:
                if endOfCode(start) > start {
                    functions.append(Function(start: start, size: size, name: name, binding: info >> 4))
                }
            case object:
                let text = Self.name(name, in: names)
                if text.count > 2, text.suffix(2).elementsEqual("Tu".utf8) {
                    asyncEntries.insert(Self.hash(text.dropLast(2)))
                } else if Self.isTaskVariable(text) {
                    taskVariables.append(Function(start: start, size: size, name: name, binding: info >> 4))
                }
            default: break
            }
        }
    }

    /// Where the code that has `address` ends; 0 when that is no code.
    func endOfCode(_ address: UInt64) -> UInt64 { code.first { $0.contains(address) }?.upperBound ?? 0 }

    /// Where async functions are: their first parts, which have an async function pointer (`Tu`), and the parts after each
    /// `await` (`TQ`, `TY`).
    func asyncCode(names: UnsafeRawBufferPointer) -> [Range<UInt64>] {
        var ranges: [Range<UInt64>] = []
        for function in functions where function.size > 0 {
            let name = Self.name(function.name, in: names)
            guard Self.isResumption(name) || !asyncEntries.isEmpty && asyncEntries.contains(Self.hash(name[...])) else {
                continue
            }
            let limit = endOfCode(function.start)
            ranges.append(function.start..<(function.start + min(function.size, limit - function.start)))
        }
        return ranges.sortedAndMerged()
    }

    /// `$s…ScTy…vp` or `…vpZ`.
    private static func isTaskVariable(_ name: UnsafeRawBufferPointer) -> Bool {
        if name.elementsEqual("_dispatch_continuation_vtables".utf8) { return true }
        guard name.count > 8, name[0] == UInt8(ascii: "$"),
            name.suffix(2).elementsEqual("vp".utf8) || name.suffix(3).elementsEqual("vpZ".utf8)
        else { return false }
        return name.indices.dropLast(4).contains { name[$0...].starts(with: "ScTy".utf8) }
    }

    /// `…TQ3_` or `…TY3_`, with or without a suffix of the optimizer's such as `.71`.
    static func isResumption(_ name: some BidirectionalCollection<UInt8>) -> Bool {
        var name = name[...]
        // Suffixes: digits or words after dots; mangled names have no dots.
        if let dot = name.firstIndex(of: UInt8(ascii: ".")) { name = name[..<dot] }
        guard name.popLast() == UInt8(ascii: "_") else { return false }
        while let last = name.last, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(last) { name.removeLast() }
        guard let kind = name.popLast() else { return false }
        return (kind == UInt8(ascii: "Q") || kind == UInt8(ascii: "Y")) && name.last == UInt8(ascii: "T")
    }

    private static func name(_ offset: UInt32, in names: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var cursor = ByteCursor(names, at: Int(offset))
        return cursor.text()
    }

    private static func hash(_ name: Slice<UnsafeRawBufferPointer>) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: name))
        return hasher.finalize()
    }
}

extension [Range<UInt64>] {
    /// In order, ranges that touch made one.
    func sortedAndMerged() -> Self {
        var merged: Self = []
        for range in sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<Swift.max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}

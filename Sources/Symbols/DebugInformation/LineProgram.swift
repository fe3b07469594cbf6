// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A unit's table of lines: a program for a small machine, run anew for each batch, as its result is many times its size.
/// Source: DWARF 5 §6.2, versions 2 to 5.
struct LineProgram {
    struct Row {
        var file: UInt64 = 1
        var line: UInt64 = 1
    }

    private struct File {
        let name: String
        let directory: UInt64
    }

    private let version: UInt16
    private var directories: [String] = []
    private var files: [File] = []
    private let minimumInstruction: UInt64
    private let lineBase: Int64
    private let lineRange: UInt64
    private let opcodeBase: UInt8
    private let operandCounts: [UInt8]
    private let start: Int
    private let end: Int

    /// Reads the header; the cursor begins at the program and is not moved to its instructions.
    init?(_ cursor: inout ByteCursor, _ unit: DebugUnit, _ sections: DebugSections) {
        var length = UInt64(cursor.integer(UInt32.self))
        var offsetSize = 4
        if length == 0xffff_ffff {
            length = cursor.integer()
            offsetSize = 8
        }
        guard !cursor.failed, length <= 1 << 29 else { return nil }
        end = cursor.position + Int(length)
        version = cursor.integer()
        guard (2...5).contains(version) else { return nil }
        if version >= 5 { cursor.skip(2) }  // sizes of addresses and segment selectors
        let headerLength = cursor.unsigned(size: offsetSize)
        guard headerLength <= length else { return nil }
        start = cursor.position + Int(headerLength)
        minimumInstruction = UInt64(cursor.integer(UInt8.self))
        if version >= 4 { cursor.skip(1) }  // instructions in a bundle: 1 where this runs
        cursor.skip(1)  // default for is_stmt
        lineBase = Int64(cursor.integer(Int8.self))
        lineRange = UInt64(cursor.integer(UInt8.self))
        opcodeBase = cursor.integer()
        guard lineRange > 0, opcodeBase > 0 else { return nil }
        operandCounts = (1..<max(Int(opcodeBase), 1)).map { _ in cursor.integer(UInt8.self) }
        if version >= 5 {
            directories = Self.table(&cursor, unit, offsetSize, sections).map(\.name)
            files = Self.table(&cursor, unit, offsetSize, sections)
        } else {
            directories = [unit.directory]
            while true {
                let name = String(decoding: cursor.text(), as: UTF8.self)
                if name.isEmpty { break }  // also when the cursor has failed
                directories.append(name)
            }
            files = [File(name: "", directory: 0)]  // files count from 1
            while true {
                let name = String(decoding: cursor.text(), as: UTF8.self)
                if name.isEmpty { break }
                files.append(File(name: name, directory: cursor.uleb()))
                _ = cursor.uleb()
                _ = cursor.uleb()
            }
        }
        guard !cursor.failed else { return nil }
    }

    /// Directories or files of version 5: each table says itself how its rows are made.
    private static func table(
        _ cursor: inout ByteCursor, _ unit: DebugUnit, _ offsetSize: Int, _ sections: DebugSections
    ) -> [File] {
        let columns = (0..<cursor.integer(UInt8.self)).map { _ in
            (content: cursor.uleb(), form: AttributeForm(code: cursor.uleb(), implicit: 0))
        }
        let count = cursor.uleb()
        guard !columns.isEmpty, count <= 1 << 20 else {
            if count > 0 { cursor.fail() }
            return []
        }
        var rows: [File] = []
        while rows.count < Int(count), !cursor.failed {
            var name = ""
            var directory: UInt64 = 0
            for column in columns {
                let value = cursor.attribute(column.form, offsetSize: offsetSize)
                switch column.content {
                case 1: name = sections.string(value, unit) ?? ""
                case 2: directory = value.number ?? 0
                default: break
                }
            }
            rows.append(File(name: name, directory: directory))
        }
        return rows
    }

    /// The path of a file; nil for a number without a file and for what the compiler made up.
    func path(_ number: UInt64, _ unit: DebugUnit) -> String? {
        guard number < UInt64(files.count) else { return nil }
        let file = files[Int(number)]
        guard !file.name.isEmpty, !file.name.hasSuffix("<compiler-generated>"), file.name != "<stdin>" else {
            return nil
        }
        if file.name.hasPrefix("/") { return file.name }
        let directory = file.directory < UInt64(directories.count) ? directories[Int(file.directory)] : ""
        let path = directory.isEmpty ? file.name : directory + "/" + file.name
        return path.hasPrefix("/") || unit.directory.isEmpty ? path : unit.directory + "/" + path
    }

    /// The row for each of `wanted`, which are in order. Sequences that begin below `lowest` are of functions that were dropped.
    func rows(for wanted: [UInt64], lowest: UInt64, _ cursor: inout ByteCursor) -> [Row?] {
        var found = [Row?](repeating: nil, count: wanted.count)
        cursor.move(to: start)
        var machine = Machine(wanted: wanted, lowest: lowest)
        while cursor.position < end, !cursor.isAtEnd {
            let opcode = cursor.integer(UInt8.self)
            if opcode >= opcodeBase {
                let adjusted = UInt64(opcode - opcodeBase)
                machine.advance(adjusted / lineRange &* minimumInstruction)
                machine.line &+= lineBase &+ Int64(adjusted % lineRange)
                machine.emit(&found)
                continue
            }
            switch opcode {
            case 0:
                let length = cursor.uleb()
                let next = cursor.position
                switch length == 0 ? 0 : cursor.integer(UInt8.self) {
                case 1: machine.endSequence(&found)
                case 2: machine.address = cursor.unsigned(size: min(Int(clamping: length) - 1, 8))
                default: break
                }
                guard length <= UInt64(cursor.bytes.count) else {
                    cursor.fail()
                    break
                }
                cursor.move(to: next + Int(length))
            case 1: machine.emit(&found)
            case 2: machine.advance(cursor.uleb() &* minimumInstruction)
            case 3: machine.line &+= cursor.sleb()
            case 4: machine.file = cursor.uleb()
            case 5: _ = cursor.uleb()
            case 8: machine.advance(UInt64(255 - opcodeBase) / lineRange &* minimumInstruction)
            case 9: machine.advance(UInt64(cursor.integer(UInt16.self)))
            default:
                for _ in 0..<operandCounts[Int(opcode) - 1] { _ = cursor.uleb() }
            }
        }
        return found
    }
}

/// The registers, and which of the wanted addresses the last row may cover.
private struct Machine {
    let wanted: [UInt64]
    let lowest: UInt64
    var address: UInt64 = 0
    var file: UInt64 = 1
    var line: Int64 = 1
    private var previous: (address: UInt64, row: LineProgram.Row)?
    private var next = 0

    init(wanted: [UInt64], lowest: UInt64) {
        self.wanted = wanted
        self.lowest = lowest
    }

    mutating func advance(_ bytes: UInt64) { address &+= bytes }

    /// A row: the one before it covers what lies between.
    mutating func emit(_ found: inout [LineProgram.Row?]) {
        if let previous, previous.address <= address {
            while next < wanted.count, wanted[next] < address {
                if previous.address >= lowest { found[next] = previous.row }
                next += 1
            }
        } else {
            // A sequence begins, or (malformed) goes back.
            var low = 0
            var high = wanted.count
            while low < high {
                let middle = (low + high) / 2
                if wanted[middle] < address { low = middle + 1 } else { high = middle }
            }
            next = low
        }
        previous = (address, LineProgram.Row(file: file, line: UInt64(clamping: line)))
    }

    mutating func endSequence(_ found: inout [LineProgram.Row?]) {
        if previous != nil { emit(&found) }
        previous = nil
        address = 0
        file = 1
        line = 1
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ProcessSnapshot

/// The mangled names of functions of these tests and of the concurrency runtime, from `.symtab`, as simple as can be.
struct TestSymbols {
    private var functions: [(start: UInt, name: String)] = []

    init() {
        var seen: Set<String> = []
        for mapping in MemoryMap.current()?.mappings ?? [] where mapping.isFile && mapping.fileOffset == 0 {
            guard mapping.name.hasSuffix(".xctest") || mapping.name.contains("libswift_Concurrency"),
                seen.insert(mapping.name).inserted, let file = ProcFile.bytes(mapping.name)
            else { continue }
            file.withUnsafeBytes { read($0, at: mapping.range.lowerBound) }
        }
        functions.sort { $0.start < $1.start }
    }

    /// The name of the last function that begins at or before `address`.
    func name(_ address: UInt) -> String? {
        var low = 0
        var high = functions.count
        while low < high {
            let middle = (low + high) / 2
            if functions[middle].start <= address { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : functions[low - 1].name
    }

    private mutating func read(_ file: UnsafeRawBufferPointer, at base: UInt) {
        guard file.count > 64, file.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { return }
        func word(_ offset: Int) -> Int { Int(file.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
        func half(_ offset: Int) -> Int { Int(file.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
        func short(_ offset: Int) -> Int { Int(file.loadUnaligned(fromByteOffset: offset, as: UInt16.self)) }
        let sections = word(40)
        for section in 0..<short(60) where half(sections + section * 64 + 4) == 2 {
            let header = sections + section * 64
            let names = word(sections + half(header + 40) * 64 + 24)
            for symbol in stride(from: word(header + 24), to: word(header + 24) + word(header + 32), by: 24) {
                guard file[symbol + 4] & 15 == 2, word(symbol + 8) != 0 else { continue }  // functions that are here
                let text = file[(names + half(symbol))...].prefix { $0 != 0 }
                functions.append((base + UInt(word(symbol + 8)), String(decoding: text, as: UTF8.self)))
            }
        }
    }
}

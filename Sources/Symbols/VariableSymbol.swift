// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A variable of a module's symbol table: a global, or a static property.
package struct VariableSymbol: Sendable, Hashable {
    /// For people.
    package let name: String
    /// The last part of the module's path.
    package let image: String
    /// How far into the variable the address is.
    package let offset: UInt
}

extension Symbolizer {
    /// The variable that has `address`; nil when it lies in no module's data, or the module has no symbol for it.
    ///
    /// Cost: reads the module's symbol table, some 10 ms for 40 000 symbols: nothing is kept, as few ask.
    package func variable(at address: UInt) -> VariableSymbol? {
        let place = loadedPlace(ofData: address)
        guard let place, let (name, offset) = SymbolTable.variable(at: place.offset, in: place.file) else { return nil }
        return VariableSymbol(name: DemangledName(mangled: name).text, image: place.image, offset: UInt(offset))
    }
}

extension SymbolTable {
    /// The name of the innermost object that has `address` (before relocation), and how far into it that is.
    static func variable(at address: UInt64, in image: ImageFile) -> (name: String, offset: UInt64)? {
        guard let found = find(image), let open = found.file.open(), let names = found.sections[found.table.link],
            let symbols = open.exactly(found.table.size, at: found.table.offset),
            let text = open.exactly(names.size, at: names.offset)
        else { return nil }
        return symbols.withUnsafeBytes { symbols in
            var best: (name: UInt32, start: UInt64)?
            let object: UInt8 = 1
            for index in 0..<(symbols.count / 24) {
                var cursor = ByteCursor(symbols, at: index * 24)
                let name = cursor.integer(UInt32.self)
                let kind = cursor.integer(UInt8.self) & 15
                cursor.skip(1)
                let section = cursor.integer(UInt16.self)
                let start = cursor.integer(UInt64.self)
                let size = cursor.integer(UInt64.self)
                guard kind == object, section != 0, start <= address, address - start < size,
                    start >= best?.start ?? 0
                else { continue }
                best = (name, start)
            }
            return best.map { best in
                let bytes = text.withUnsafeBytes { text in
                    var cursor = ByteCursor(text, at: Int(best.name))
                    return Array(cursor.text())
                }
                return (String(decoding: bytes.prefix { $0 != UInt8(ascii: "@") }, as: UTF8.self), address - best.start)
            }
        }
    }
}

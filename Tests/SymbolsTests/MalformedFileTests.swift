// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import Symbols

@Suite struct MalformedFileTests {
    @Test func damagedFilesAreReadWithoutATrap() throws {
        let library = try FixtureLibrary()
        let path = library.path + ".damaged"
        try FixtureLibrary.copy(library.path, to: path)
        let whole = try #require(ImageFile(path: path))
        let entry = try address(ofSymbol: "recognisable_entry", in: library.handle)
        let base = try #require(Symbolizer().loadedImages().first { $0.path == library.path }).base
        let addresses = (0..<64).map { UInt64(entry - base) + $0 }
        // The control: undamaged, it is read.
        var symbols = try #require(SymbolTable(whole))
        #expect(symbols.function(at: UInt64(entry - base)) != nil)
        #expect(DebugInformation(whole)?.locations(at: addresses).contains { !$0.isEmpty } == true)

        let descriptor = open(path, O_RDWR)
        defer { close(descriptor) }
        let size = Int(lseek(descriptor, 0, SEEK_END))
        var random = Xorshift(state: 0x9e37_79b9_7f4a_7c15)
        for _ in 0..<400 {
            var undo: [(Int, UInt8)] = []
            for _ in 0..<(1 + random.next() % 24) {
                // A third in the headers, the rest anywhere.
                let place = Int(random.next() % UInt64(random.next() % 3 == 0 ? 1024 : size))
                var old: UInt8 = 0
                pread(descriptor, &old, 1, place)
                undo.append((place, old))
                var new = [0, 0xff, 0x7f, UInt8(truncatingIfNeeded: random.next())][Int(random.next() % 4)]
                pwrite(descriptor, &new, 1, place)
            }
            if let file = ImageFile(path: path) {
                var table = SymbolTable(file)
                for address in addresses { _ = table?.function(at: address) }
                _ = DebugInformation(file)?.locations(at: addresses)
            }
            for (place, old) in undo.reversed() {
                var old = old
                pwrite(descriptor, &old, 1, place)
            }
        }
        #expect(try #require(ImageFile(path: path)).header == whole.header)
    }

    @Test(arguments: [0, 1, 63, 64, 100, 4096, 20_000]) func filesCutShortAreReadWithoutATrap(_ size: Int) throws {
        let library = try FixtureLibrary()
        let path = library.path + ".short"
        try FixtureLibrary.copy(library.path, to: path)
        #expect(ImageFile(path: path) != nil)
        truncate(path, off_t(size))
        if let file = ImageFile(path: path) {
            var table = SymbolTable(file)
            #expect(table?.function(at: 4096) == nil)
            #expect(DebugInformation(file)?.locations(at: [4096]).allSatisfy(\.isEmpty) ?? true)
        } else {
            #expect(size < 4096)
        }
    }
}

/// Marsaglia's xorshift64: the same numbers in every run.
private struct Xorshift {
    var state: UInt64
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

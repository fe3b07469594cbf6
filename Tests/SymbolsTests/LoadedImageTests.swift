// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Symbols
import Testing

@Suite struct LoadedImageTests {
    let symbolizer = Symbolizer()

    @Test func theExecutableLibcAndTheVdsoAreListed() throws {
        let images = symbolizer.loadedImages()
        #expect(images.contains { $0.path.hasSuffix(".xctest") })
        #expect(images.contains { $0.name == "[vdso]" && $0.path == "[vdso]" })
        let poll = try address(ofSymbol: "poll")
        let libc = try #require(images.first { $0.code.contains { $0.range.contains(poll) } })
        #expect(libc.name.hasPrefix("libc.so"))
        #expect(libc.buildID.count == 20 && libc.buildIDText.count == 40)
        #expect(libc.base < poll)
    }

    @Test func imagesAreInOrderAndTheirCodeIsApart() {
        let ranges = symbolizer.loadedImages().flatMap { $0.code.map(\.range) }
        #expect(ranges.count > 3)
        #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
    }

    @Test func aModuleLoadedLaterIsFoundAtOnce() throws {
        _ = symbolizer.loadedImages()
        let library = try FixtureLibrary()
        let entry = try address(ofSymbol: "recognisable_entry", in: library.handle)
        #expect(symbolizer.function(at: entry)?.image == library.path)
    }

    @Test func aModuleThatSomebodyReadsStaysWhereItIs() throws {
        let library = try FixtureLibrary()
        let entry = try address(ofSymbol: "recognisable_entry", in: library.handle)
        let before = symbolizer.loadedImages().first { $0.path == library.path }
        let descriptor = open(library.path, O_RDONLY)
        let mapping = mmap(nil, 1 << 16, PROT_READ, MAP_PRIVATE, descriptor, 0)
        defer {
            munmap(mapping, 1 << 16)
            close(descriptor)
        }
        let fresh = Symbolizer()
        #expect(fresh.loadedImages().filter { $0.path == library.path } == [try #require(before)])
        #expect(fresh.function(at: entry)?.start == entry)
    }

    @Test func anUnloadedModuleIsForgotten() throws {
        // A C library: dlclose really unloads it.
        let libm = try #require(symbolizer.loadedImages().first { $0.name.hasPrefix("libm.so") }).path
        let library = try FixtureLibrary(copying: libm, named: "libCopyOfM.so")
        let code = CodeAddress.instruction(try address(ofSymbol: "floor", in: library.handle))
        // `floor` may be chosen for the processor at hand: then the symbol is another one of this library.
        #expect(symbolizer.frames(at: code).last?.image == library.path)
        #expect(symbolizer.frames(at: code).last?.function != nil)
        try #require(dlclose(library.handle) == 0)
        let deadline = time(nil) + 10
        while symbolizer.frames(at: code).last?.image != nil, time(nil) < deadline { usleep(50_000) }
        #expect(symbolizer.frames(at: code) == [SourceFrame(function: nil)])
    }

    @Test func aFileThatWasReplacedIsNotBelieved() throws {
        let library = try FixtureLibrary()
        let entry = try address(ofSymbol: "recognisable_entry", in: library.handle)
        #expect(Symbolizer().function(at: entry)?.start == entry)
        try #require(unlink(library.path) == 0)
        let other = try #require(symbolizer.loadedImages().first { $0.name.hasPrefix("libswift_Concurrency") }).path
        try FixtureLibrary.copy(other, to: library.path)
        let fresh = Symbolizer()
        #expect(fresh.function(at: entry) == nil)
        let frame = try #require(fresh.frames(at: .instruction(entry)).last)
        #expect(frame.function == nil)
        #expect(frame.image == library.path)
        #expect(fresh.loadedImages().first { $0.path == library.path }?.isDeleted == true)
    }

    @Test func noFileStaysOpen() throws {
        let library = try FixtureLibrary()
        let local = Symbolizer()
        let frames = local.frames(at: try library.callBack().map { .returnAddress($0) }).flatMap { $0 }
        #expect(frames.contains { $0.image == library.path && $0.line != nil })
        #expect(!openFiles().contains(library.path))
        let descriptor = open(library.path, O_RDONLY)
        defer { close(descriptor) }
        #expect(openFiles().contains(library.path))
    }

    private func openFiles() -> [String] {
        (0..<1024).compactMap { descriptor in
            var buffer = [CChar](repeating: 0, count: 4096)
            let length = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count)
            return length < 0 ? nil : String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}

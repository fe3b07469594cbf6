// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import Symbols

@inline(never) private func recognisableFoo() throws -> [UInt] {
    let stack = try callStack()
    return stack.reversed().reversed()
}
@inline(never) private func recognisableBar() throws -> [UInt] { try recognisableFoo().filter { $0 != 0 } }
@inline(never) private func recognisableBuz() throws -> [UInt] { try recognisableBar().filter { $0 != 0 } }
private let constant: StaticString = "some data that is no code"

@Suite struct SymbolizerTests {
    let symbolizer = Symbolizer()

    @Test func functionsComeInTheOrderOfTheirCalls() throws {
        let frames = symbolizer.frames(at: try recognisableBuz().map { .returnAddress($0) }).flatMap { $0 }
        let names = frames.compactMap { $0.function?.split(separator: "(").first }.filter {
            $0.hasPrefix("recognisable")
        }
        #expect(names == ["recognisableFoo", "recognisableBar", "recognisableBuz"])
    }

    @Test func aFrameHasItsFileAndTheLineOfTheCall() throws {
        let line = #line + 1
        let addresses = try callStack()
        let frame = try #require(symbolizer.frames(at: .returnAddress(addresses[0])).last)
        #expect(frame.file == #filePath)
        #expect(frame.line == line)
        #expect(frame.function?.contains("aFrameHasItsFileAndTheLineOfTheCall") == true)
        #expect(frame.mangledName?.hasPrefix("$s12SymbolsTests") == true)
        #expect(frame.image?.hasSuffix(".xctest") == true)
    }

    @Test func aReturnAddressAtTheEndOfAFunctionBelongsToTheCaller() throws {
        let start = try #require(symbolizer.function(at: try address(ofSymbol: "poll"))?.start)
        let before = symbolizer.frames(at: .returnAddress(start)).last?.function
        #expect(symbolizer.frames(at: .instruction(start)).last?.function == "poll")
        #expect(before != "poll")
    }

    @Test(arguments: ["poll", "qsort", "mallinfo2", "pthread_create"])
    func functionsOfLibcHaveTheNamesPeopleKnow(_ name: String) throws {
        let frame = try #require(symbolizer.frames(at: .instruction(try address(ofSymbol: name))).last)
        #expect(frame.function == name)
        #expect(frame.image?.contains("libc") == true)
    }

    @Test(arguments: [0, 1, 4095, 0x1_0000_0000_0000, UInt.max, UInt.max - 4096, 1 << 63])
    func anAddressThatIsNowhereHasOneUnknownFrame(_ nowhere: UInt) throws {
        let unknown = [SourceFrame(function: nil)]
        #expect(symbolizer.frames(at: .instruction(nowhere)) == unknown)
        #expect(symbolizer.frames(at: .returnAddress(nowhere)) == unknown)
        #expect(symbolizer.function(at: nowhere) == nil)
        // The control: beside it in a batch, a known one keeps its place.
        let poll = CodeAddress.instruction(try address(ofSymbol: "poll"))
        #expect(symbolizer.frames(at: [.instruction(nowhere), poll]).map { $0.last?.function } == [nil, "poll"])
    }

    @Test func dataIsNoFunction() throws {
        let heap = try #require(malloc(64))
        defer { free(heap) }
        let places = [UInt(bitPattern: heap), UInt(bitPattern: constant.utf8Start), try address(ofSymbol: "environ")]
        for place in places {
            #expect(symbolizer.function(at: place) == nil)
            #expect(symbolizer.frames(at: .instruction(place)).map(\.function) == [nil])
        }
    }

    @Test func aSymbolHasItsMangledNameAndItsStart() throws {
        let start = try address(ofSymbol: "swift_retain")
        let symbol = try #require(symbolizer.function(at: start + 1))
        #expect(symbol.start == start)
        #expect(symbol.name == "swift_retain" || symbol.name == "_swift_retain_")
    }

    @Test func eightThreadsGetWhatOneGets() throws {
        let code = try #require(
            symbolizer.loadedImages().first { $0.name.hasPrefix("libswiftCore") || $0.name.hasSuffix(".xctest") }
        ).code
        let range = try #require(code.first).range
        // From the middle on: some linkers map tables before the code, with the code.
        let middle = range.lowerBound + UInt(range.count / 2)
        let addresses = stride(from: middle, to: min(range.upperBound, middle + 400_000), by: 397)
            .map { CodeAddress.instruction($0) }
        let expected = symbolizer.frames(at: addresses)
        #expect(expected.contains { $0.last?.function != nil })
        let shared = Symbolizer()
        let results = onThreads(8) { thread in
            // Each begins elsewhere, in batches of its own size.
            var found = [CodeAddress: [SourceFrame]]()
            let rotated = addresses[(thread * 50)...] + addresses[..<(thread * 50)]
            var rest = rotated[...]
            while !rest.isEmpty {
                let batch = Array(rest.prefix(thread + 7))
                rest = rest.dropFirst(batch.count)
                for (address, frames) in zip(batch, shared.frames(at: batch)) { found[address] = frames }
                _ = shared.function(at: batch[0].address)
            }
            return addresses.map { found[$0] ?? [] }
        }
        for result in results { #expect(result == expected) }
    }

    @Test(arguments: [
        ("$s4main3fooyyF", "foo()"), ("_ZN5swift9AsyncTask10waitFutureEv", "swift::AsyncTask::waitFuture()"),
        ("poll", "poll"),
        ("", ""), ("$s", "$s"),
    ])
    func namesAreDemangledWhereTheyAreMangled(_ mangled: String, _ readable: String) {
        #expect(DemangledName(mangled: mangled).text == readable)
    }

    @Test func thunksAndRuntimeFailuresAreMarked() {
        #expect(DemangledName(mangled: "$s4main3fooyyFTA").isThunk)
        #expect(!DemangledName(mangled: "$s4main3fooyyF").isThunk)
        #expect(DemangledName(mangled: "Swift runtime failure: arithmetic overflow").isRuntimeFailure)
        #expect(!DemangledName(mangled: "$s4main3fooyyF").isRuntimeFailure)
    }
}

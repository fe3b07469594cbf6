// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import Symbols

@Suite struct AsyncCodeTests {
    let symbolizer = Symbolizer()

    @Test func asyncFunctionsAreAsyncCodeAndOthersAreNot() throws {
        let library = try FixtureLibrary()
        let ranges = symbolizer.asyncCode()
        let async = try address(ofSymbol: "$s7Fixture17recognisableAsyncyS2iyYaXEYaF", in: library.handle)
        let sync = try address(ofSymbol: "$s7Fixture16recognisableSyncyS2iF", in: library.handle)
        #expect(ranges.contains { $0.contains(async) })
        #expect(!ranges.contains { $0.contains(sync) })
        #expect(!ranges.contains { $0.contains((try? address(ofSymbol: "poll")) ?? 0) })
    }

    @Test func whatFollowsAnAwaitIsAsyncCodeToo() throws {
        let library = try FixtureLibrary()
        let names = symbolizer.asyncCode().compactMap { symbolizer.function(at: $0.lowerBound) }
            .filter { $0.image == library.path }.map(\.name)
        #expect(
            names.contains { $0.contains("recognisableAsync") && SymbolList.isResumption(Array($0.utf8)) }, "\(names)")
    }

    @Test func rangesAreInOrderAndApart() {
        let ranges = symbolizer.asyncCode()
        #expect(ranges.count > 100)
        #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
    }

    @Test(arguments: [
        ("$s4main3fooyyYaFTQ0_", true), ("$s4main3fooyyYaFTY12_", true), ("async_MainTQ0_", true),
        ("$s4main3fooyyYaFTQ1_.71", true), ("$s4main3fooyyYaF", false), ("$s4main3fooyyYaFTu", false), ("TQ0", false),
        ("_", false), ("", false), ("Q1_", false), ("PQ1_", false),
    ])
    func aResumptionIsKnownByItsSuffix(_ name: String, _ expected: Bool) {
        #expect(SymbolList.isResumption(Array(name.utf8)) == expected)
    }
}

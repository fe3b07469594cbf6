// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Profiles
import Testing

struct MappingTableTests {
    @Test func theMainProgramsMappingsComeFirst() {
        let table = MappingTable(
            [
                Mapping(start: 50, limit: 60, file: "/app"), Mapping(start: 30, limit: 40, file: "/lib"),
                Mapping(start: 10, limit: 20, file: "/app"), Mapping(start: 0, limit: 5, file: "/first"),
            ], mainBinary: "/app")
        #expect(table.mappings.map(\.start) == [10, 50, 0, 30])
        #expect(MappingTable(table.mappings).mappings.map(\.start) == [0, 10, 30, 50], "without a program by address")
    }

    @Test func anAddressIsInTheMappingFromItsStartToBeforeItsLimit() {
        let table = Fixture.mappings
        let found: [UInt: String] = [0x4000: "/opt/app", 0x4fff: "/opt/app", 0x7000: "/usr/lib/libc.so.6"]
        for (address, file) in found { #expect(table.mapping(containing: address)?.file == file) }
        for address: UInt in [0, 0x3fff, 0x5000, 0x6fff, 0x8000, .max] {
            #expect(table.index(containing: address) == nil)
        }
    }

    @Test func oddRangesTrapNothing() {
        let table = MappingTable([
            Mapping(start: 10, limit: 10, file: "empty"), Mapping(start: 30, limit: 20, file: "backwards"),
            Mapping(start: .max - 1, limit: .max, file: "last"), Mapping(start: 0, limit: 100, file: "wide"),
            Mapping(start: 5, limit: 7, file: "within"),
        ])
        #expect(table.mappings.map(\.file) == ["wide", "within", "last"])
        #expect(table.mapping(containing: 6)?.file == "within")
        #expect(table.mapping(containing: .max - 1)?.file == "last")
        #expect(MappingTable([]).index(containing: 1) == nil)
    }
}

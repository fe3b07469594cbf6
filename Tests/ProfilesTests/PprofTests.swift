// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Profiles
import Testing

struct PprofTests {
    private static func decoded(
        _ samples: [(stack: [UInt], values: [Int64], labels: [Label])], kind: ProfileKind = .count(of: "thread")
    ) throws -> DecodedProfile {
        try DecodedProfile(Fixture.profile(samples, kind: kind).pprof())
    }

    @Test func theDecoderRefusesWhatIsNoProfile() {
        for bytes: [UInt8] in [
            [], [0x32], [0x32, 5, 1], [0x32, 1, 0x41], [0x32, 0, 0x12, 3, 0x0a, 1, 1], [0x32, 0, 0x22, 2, 8, 7],
        ] {
            #expect(throws: WireMessage.Malformed.self) { try DecodedProfile(bytes) }
        }
    }

    @Test func everyPartOfAProfileIsReadBack() throws {
        var table = SampleTable(.cpu(hertz: 100))
        table.add(
            [Fixture.serve, Fixture.main], [2, 20_000_000],
            labels: [Label("thread", "worker-3"), Label("bytes", 512, unit: "bytes")])
        table.add([Fixture.unnamed, Fixture.serve, Fixture.main], [1, 10_000_000])
        let profile = try DecodedProfile(
            table.profile(
                mappings: Fixture.mappings, time: 1_700_000_000_000_000_001, duration: 30_000_000_000,
                comments: ["first", "second"], locate: Fixture.locate
            ).pprof())
        #expect(profile.sampleTypes == ["samples/count", "cpu/nanoseconds"])
        #expect(profile.periodType == "cpu/nanoseconds")
        #expect(profile.period == 10_000_000)
        #expect(profile.time == 1_700_000_000_000_000_001)
        #expect(profile.duration == 30_000_000_000)
        #expect(profile.comments == ["first", "second"])
        #expect(profile.defaultSampleType == "")
        #expect(profile.functionCount == 3)
        #expect(
            profile.samples == [
                .init(stack: [2, 1], values: [2, 20_000_000], labels: ["bytes=512 bytes", "thread=worker-3"]),
                .init(stack: [3, 2, 1], values: [1, 10_000_000], labels: []),
            ])
        #expect(
            profile.locations == [
                .init(
                    address: 0x4010, mapping: 1,
                    lines: [.init(function: "main", systemName: "main", file: "/src/main.swift", line: 3)]),
                .init(
                    address: 0x4120, mapping: 1,
                    lines: [
                        .init(function: "parse(_:)", systemName: "$s5parse", file: "/src/Parser.swift", line: 40),
                        .init(function: "serve()", systemName: "$s5serve", file: "/src/Server.swift", line: 12),
                    ]),
                .init(address: 0x7040, mapping: 2, lines: []),
            ])
        #expect(
            profile.mappings == [
                .init(
                    start: 0x4000, limit: 0x5000, offset: 0, file: "/opt/app", buildID: "abad1dea", hasFunctions: true),
                .init(
                    start: 0x7000, limit: 0x8000, offset: 0x1000, file: "/usr/lib/libc.so.6", buildID: "c0ffee",
                    hasFunctions: false),
            ])
    }

    /// The wire format itself, so that an error which writer and decoder share would be seen.
    @Test func aSmallProfileHasTheseBytes() {
        var table = SampleTable(.count(of: "t"))
        table.add([0x300], [-1])
        let bytes = table.profile(mappings: MappingTable([])) { _ in [] }.pprof()
        #expect(
            bytes == [
                0x0a, 4, 8, 1, 16, 2,  // sample_type: strings 1 and 2
                0x12, 15, 0x0a, 1, 1, 0x12, 10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1,  // location 1, value -1
                0x22, 5, 8, 1, 24, 0x80, 6,  // location 1 at 0x300
                0x5a, 4, 8, 1, 16, 2, 0x60, 1,  // period_type, period 1
                0x32, 0, 0x32, 1, 0x74, 0x32, 5, 0x63, 0x6f, 0x75, 0x6e, 0x74,  // "", "t", "count"
            ])
    }

    @Test func aProfileWithoutSamplesKeepsItsTypesAndMappings() throws {
        let profile = try Self.decoded([], kind: .cpu(hertz: 0))
        #expect(profile.sampleTypes == ["samples/count", "cpu/nanoseconds"])
        #expect(profile.period == 1_000_000_000)
        #expect(profile.samples.isEmpty && profile.locations.isEmpty)
        #expect(profile.mappings.map(\.file) == ["/opt/app", "/usr/lib/libc.so.6"])
        #expect(profile.mappings.allSatisfy { !$0.hasFunctions }, "nothing in them was looked up")
    }

    @Test func aMappingHasFunctionsAsSoonAsOneIsNamed() throws {
        let mixed = try Self.decoded([([0x4800, Fixture.main], [1], [])])
        #expect(mixed.mappings[0].hasFunctions)
        let unnamed = try Self.decoded([([0x4800], [1], [])])
        #expect(!unnamed.mappings[0].hasFunctions)
        var table = SampleTable(.count(of: "thread"))
        table.add([Fixture.main], [1])
        let empty = table.profile(mappings: Fixture.mappings) { addresses in
            addresses.map { Location(address: $0, lines: [Line(Function(name: ""))]) }
        }
        #expect(try !DecodedProfile(empty.pprof()).mappings[0].hasFunctions)
    }

    @Test func anAddressOutsideEveryMappingHasNone() throws {
        let profile = try Self.decoded([([Fixture.nowhere, 0, .max], [1], [])])
        #expect(Set(profile.locations.map(\.address)) == [0, 0x9999, .max])
        #expect(profile.locations.allSatisfy { $0.mapping == 0 && $0.lines.isEmpty })
    }

    @Test func aFunctionIsWrittenOnceHoweverManyPlacesAreInIt() throws {
        var table = SampleTable(.count(of: "thread"))
        table.add(Array(0..<1000), [1])
        let profile = try DecodedProfile(
            table.profile(mappings: Fixture.mappings) { addresses in
                addresses.map {
                    Location(address: $0, lines: [Line(Function(name: "f\($0 % 3)"), line: Int($0))])
                }
            }.pprof())
        #expect(profile.locations.count == 1000)
        #expect(profile.functionCount == 3)
        #expect(profile.strings.count == Set(profile.strings).count)
    }

    @Test func theDefaultSampleTypeIsNamedIfItIsOneOfThem() throws {
        var kind = ProfileKind.cpu(hertz: 100)
        kind.defaultSampleType = "samples"
        #expect(try Self.decoded([], kind: kind).defaultSampleType == "samples")
        kind.defaultSampleType = "bananas"
        #expect(try Self.decoded([], kind: kind).defaultSampleType == "")
    }

    @Test func anEmptyLabelIsLeftOutSinceReadersWouldTakeItForANumber() throws {
        let profile = try Self.decoded([([Fixture.main], [1], [Label("name", ""), Label("zero", 0, unit: "")])])
        #expect(profile.samples[0].labels == ["zero=0 "])
    }

    @Test func aLabelHasNothingThatPprofCannotDraw() throws {
        let profile = try Self.decoded([([Fixture.main], [1], [Label("a\"\\", "\\b \"c\"\u{301}é\"")])])
        #expect(profile.samples[0].labels == ["a'/=/b 'c'\u{301}é'"])
    }

    @Test func namesOfAnyKindAreKept() throws {
        let names = [
            "", " ", ";", "a;b c", "\"quoted\"", "line\nbreak", "\0", "é\u{301}", "😀", "\u{2028}", "\u{FFFD}",
            String(repeating: "x", count: 20_000),
        ]
        var table = SampleTable(.count(of: "thread"))
        for (index, name) in names.enumerated() { table.add([UInt(index)], [1], labels: [Label("k", name)]) }
        let profile = try DecodedProfile(
            table.profile(mappings: MappingTable([])) { addresses in
                addresses.map {
                    Location(address: $0, lines: [Line(Function(name: names[Int($0)], file: names[Int($0)]))])
                }
            }.pprof())
        #expect(profile.locations.map { $0.lines[0].function } == names)
        #expect(profile.locations.map { $0.lines[0].file } == names)
        let labels = names.map { $0.isEmpty ? [] : ["k=\($0.replacing("\"", with: "'"))"] }
        #expect(profile.samples.map(\.labels) == labels)
    }

    @Test func aHugeProfileIsReadBackWhole() throws {
        var random = SeededGenerator(state: 3)
        var table = SampleTable(.cpu(hertz: 1000))
        var total: Int64 = 0
        for _ in 0..<20_000 {
            let depth = Int.random(in: 0...128, using: &random)
            let value = Int64.random(in: 0...1_000_000_000_000, using: &random)
            table.add((0..<depth).map { _ in UInt.random(in: 0x4000..<0x9000, using: &random) }, [1, value])
            total += value
        }
        let profile = try DecodedProfile(table.profile(mappings: Fixture.mappings, locate: Fixture.locate).pprof())
        #expect(profile.samples.count == table.count)
        #expect(profile.samples.reduce(0) { $0 + $1.values[0] } == 20_000)
        #expect(profile.samples.reduce(0) { $0 + $1.values[1] } == total)
        #expect(profile.locations.count == 0x5000)
    }
}

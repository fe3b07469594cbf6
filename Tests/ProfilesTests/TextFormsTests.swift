// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Profiles
import Testing

struct TextFormsTests {
    private static let profile = Fixture.profile([
        ([Fixture.unnamed, Fixture.main], [1], []),
        ([Fixture.serve, Fixture.main], [3], [Label("name", "worker \"3\""), Label("id", 47, unit: "")]),
        ([Fixture.nowhere], [1], []),
    ])

    @Test func aCountProfileReadsLikeGos() {
        #expect(
            text(Self.profile.countText(name: "thread")) == """
                thread profile: total 5
                3 @ 0x4121 0x4011
                # labels: {"id":"47", "name":"worker \\"3\\""}
                #\t0x4120\tparse(_:)+0x20\t/src/Parser.swift:40
                #\t0x4120\tserve()+0x20\t/src/Server.swift:12
                #\t0x4010\tmain+0x10\t/src/main.swift:3

                1 @ 0x7041 0x4011
                #\t0x7040\t?\t/usr/lib/libc.so.6
                #\t0x4010\tmain+0x10\t/src/main.swift:3

                1 @ 0x999a
                #\t0x9999


                """)
    }

    @Test func aCountProfileOfNothingIsItsHeadLine() {
        #expect(text(Fixture.profile([]).countText(name: "task")) == "task profile: total 0\n")
    }

    @Test func aStackOfUnknownFramesHasTheAddressZeroSincePprofWantsOne() {
        #expect(text(Fixture.profile([([], [2], [])]).countText(name: "t")) == "t profile: total 2\n2 @ 0x0\n\n")
    }

    @Test func whatHasNoSourceFileIsShownWithTheFileOfItsCode() {
        var table = SampleTable(.count(of: "thread"))
        table.add([Fixture.unnamed, Fixture.nowhere], [1])
        let profile = table.profile(mappings: Fixture.mappings) { addresses in
            addresses.map { Location(address: $0, functionStart: 0x7050, lines: [Line(Function(name: "f"))]) }
        }
        #expect(
            text(profile.countText(name: "t"))
                == "t profile: total 1\n1 @ 0x7041 0x999a\n#\t0x7040\tf\t/usr/lib/libc.so.6\n#\t0x9999\tf+0x2949\t?\n\n",
            "no offset where the function starts behind the address")
    }

    @Test func foldedStacksRunFromTheRootToTheLeaf() {
        #expect(
            text(Self.profile.folded()) == """
                0x9999 1
                main;[libc.so.6] 1
                main;serve();parse(_:) 3

                """)
        #expect(
            text(Self.profile.folded(rootLabels: ["name", "absent"])) == """
                0x9999 1
                main;[libc.so.6] 1
                worker "3";main;serve();parse(_:) 3

                """)
    }

    @Test func foldedStacksOfTheSameNamesAreOneLine() {
        var table = SampleTable(.cpu(hertz: 100))
        for address: UInt in 0..<10 { table.add([address, 100], [1, Int64(address)]) }
        let profile = table.profile(mappings: MappingTable([])) { addresses in
            addresses.map { Location(address: $0, lines: [Line(Function(name: $0 < 100 ? "leaf" : "root"))]) }
        }
        #expect(text(profile.folded()) == "root;leaf 10\n")
        #expect(text(profile.folded(value: 1)) == "root;leaf 45\n")
        #expect(profile.folded(value: 2).isEmpty && profile.folded(value: -1).isEmpty, "there is no such value")
    }

    @Test func anEmptyStackIsAFrameToo() {
        let profile = Fixture.profile([([], [2], [Label("name", "x")])])
        #expect(text(profile.folded()) == "[unknown] 2\n")
        #expect(text(profile.folded(rootLabels: ["name"])) == "x 2\n")
    }

    @Test func noNameBreaksALineOrAStack() {
        let hostile = "a;b\nc\td\re\u{1}\u{7f}\u{85}\u{2028}\u{202e}é😀 \"\\\u{0}"
        var table = SampleTable(.count(of: hostile))
        table.add([1, 2], [1], labels: [Label(hostile, hostile)])
        let profile = table.profile(mappings: MappingTable([Mapping(start: 0, limit: 9, file: hostile)])) { addresses in
            addresses.map { Location(address: $0, lines: [Line(Function(name: hostile, file: hostile), line: 1)]) }
        }
        let name = #"a;b\nc\td\re\x01\x7f\u0085\u2028\u202eé😀 "\\x00"#
        let quoted = #""a;b\nc\td\re\x01\x7f\u0085\u2028\u202eé😀 \"\\\x00""#
        let folded = name.replacing(";", with: ":")
        #expect(text(profile.folded(rootLabels: [hostile])) == "\(folded);\(folded);\(folded) 1\n")
        #expect(
            text(profile.countText(name: hostile))
                == "\(name) profile: total 1\n1 @ 0x2 0x3\n# labels: {\(quoted):\(quoted)}\n#\t0x1\t\(name)\t\(name):1\n"
                + "#\t0x2\t\(name)\t\(name):1\n\n")
        let entry = DumpEntry(
            kind: hostile, id: 1, state: hostile, remarks: [hostile], labels: [Label(hostile, hostile)],
            stack: profile.locations, note: hostile)
        #expect(
            text(Dump([entry], mappings: MappingTable([])).text())
                == "\(name) 1 [\(name), \(name)] {\(quoted): \(quoted)}:\n\(name)\n\t\(name):1\n\(name)\n\t\(name):1\n... \(name)\n"
        )
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Profiles
import Testing

struct SampleTableTests {
    @Test func samplesWithTheSameStackAndLabelsAreSummedUp() {
        let profile = Fixture.profile(
            [
                ([2, 1], [1, 10], []), ([2, 1], [2, 20], []), ([1, 2], [4, 40], []), ([2, 1, 1], [8, 80], []),
                ([2, 1], [16, 160], [Label("a", "b")]), ([], [32, 320], []), ([], [64, 640], []),
            ], kind: .cpu(hertz: 100))
        #expect(profile.samples.map(\.values) == [[3, 30], [4, 40], [8, 80], [16, 160], [96, 960]])
        #expect(profile.samples.map(\.stack) == [[1, 0], [0, 1], [1, 0, 0], [1, 0], []])
    }

    @Test func theOrderOfLabelsMakesNoDifference() {
        let one = Label("a", "1")
        let two = Label("b", 2, unit: "count")
        let profile = Fixture.profile([([1], [1], [one, two]), ([1], [1], [two, one]), ([1], [1], [one])])
        #expect(profile.samples.map(\.values) == [[2], [1]])
        #expect(profile.samples[0].labels == [one, two])
    }

    @Test func valuesThatAreMissingAreZeroAndOthersAreIgnored() {
        let profile = Fixture.profile([([1], [], []), ([1], [5], []), ([1], [1, 2, 3], [])], kind: .cpu(hertz: 1))
        #expect(profile.samples.map(\.values) == [[6, 2]])
        let none = Fixture.profile([([1], [7], []), ([2], [], [])], kind: ProfileKind(sampleTypes: []))
        #expect(none.samples.map(\.values) == [[], []])
    }

    @Test func aSumThatOverflowsTrapsNothing() {
        let profile = Fixture.profile([([1], [.max], []), ([1], [1], []), ([2], [.max], []), ([3], [.min], [])])
        #expect(profile.samples.map(\.values) == [[.min], [.max], [.min]])
        #expect(!profile.countText(name: "x").isEmpty && !profile.folded().isEmpty && !profile.pprof().isEmpty)
    }

    @Test func eachAddressIsLookedUpOnce() {
        var table = SampleTable(.count(of: "thread"))
        for address: UInt in [9, 3, 9, 0, 3] { table.add([address, 5], [1]) }
        var asked: [[UInt]] = []
        _ = table.profile(mappings: MappingTable([])) {
            asked.append($0)
            return []
        }
        #expect(asked == [[0, 3, 5, 9]])
    }

    @Test func anAnswerOfTheWrongLengthOrOrderTrapsNothing() {
        var table = SampleTable(.count(of: "thread"))
        table.add([1, 2], [1])
        for answer in [[], [Location(address: 2), Location(address: 1), Location(address: 3)]] {
            let profile = table.profile(mappings: MappingTable([])) { _ in answer }
            #expect(profile.locations.map(\.address) == [1, 2])
        }
    }

    @Test func aHundredThousandSamplesTakeWellUnderASecond() {
        var random = SeededGenerator(state: 1)
        let stacks = (0..<1000).map { _ in (0..<30).map { _ in UInt.random(in: 0..<4000, using: &random) } }
        let labels = (0..<16).map { [Label("thread", "worker-\($0)"), Label("id", Int64($0), unit: "count")] }
        var table = SampleTable(.cpu(hertz: 100))
        let time = ContinuousClock().measure {
            for index in 0..<100_000 { table.add(stacks[index % 1000], [1, 1], labels: labels[index % 16]) }
        }
        #expect(table.count == 2000)
        // 0.03 s in a release build; this bound is for a debug build on a busy machine and finds what is not linear.
        #expect(time < .seconds(10))
    }
}

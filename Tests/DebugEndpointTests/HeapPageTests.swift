// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The forms of /debug/heap, made from snapshots of a process that never was.
import Foundation
import HeapProfile
import Testing

@testable import DebugEndpoint

@Suite struct HeapPageTests {
    private static let start = ContinuousClock.now

    private static func snapshot(_ id: UInt64, _ rows: [(String, UInt, UInt)], upperBounds: Bool = false)
        -> HeapSnapshot
    {
        HeapSnapshot(
            id: id, taken: start + .seconds(Int(id)), duration: .milliseconds(12),
            types: rows.map { HeapSnapshot.TypeRow(name: $0.0, count: $0.1, bytes: $0.2) },
            sizes: [
                BlockCounts.SizeCount(size: 24, count: 10, bytes: 240),
                BlockCounts.SizeCount(size: 1032, count: 2, bytes: 2200),
            ], blocks: 20, areUpperBounds: upperBounds)
    }

    private static func page(
        _ format: PageFormat, _ snapshot: HeapSnapshot?, since earlier: HeapSnapshot? = nil, refusal: String? = nil,
        _ wish: HeapPage.Wish = HeapPage.Wish()
    ) -> String {
        let page = HeapPage(
            snapshot, earlier: earlier, kept: [earlier, snapshot].compactMap { $0 }, wish, format,
            now: start + .seconds(60), refusal: refusal)
        return String(decoding: page.body(format), as: UTF8.self)
    }

    private static let rows: [(String, UInt, UInt)] = [
        ("App.Session", 12, 1152), ("App.Cache<Swift.String>", 1, 96), ("<b>\"&\u{7}", 1, 8),
    ]

    @Test func jsonHasTheKeysThatProgramsRelyOn() throws {
        let text = Self.page(.json, Self.snapshot(3, Self.rows))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(json["id"] as? Int == 3)
        let types = try #require(json["types"] as? [[String: Any]])
        #expect(types.map { $0["name"] as? String } == ["App.Session", "App.Cache<Swift.String>", "<b>\"&\u{7}"])
        #expect(types.first?["count"] as? Int == 12)
        #expect(types.first?["bytes"] as? Int == 1152)
        let blocks = try #require(json["c_blocks"] as? [[String: Int]])
        #expect(blocks.first == ["size": 24, "count": 10, "bytes": 240])
        let memory = try #require(json["memory"] as? [String: Any])
        for key in ["live", "retained", "stack", "file", "other", "resident"] {
            #expect(memory[key + "_bytes"] is NSNull, "nothing is known, so nothing is said")
        }
    }

    @Test func withoutATapTheSentenceStandsWhereTheTypesWouldBe() throws {
        let sentence = "the allocation tap is not in this build: enable the package trait AllocationTap"
        let text = Self.page(.json, nil, refusal: sentence)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(json["id"] is NSNull && json["types"] is NSNull && json["c_blocks"] is NSNull)
        #expect(json["refusal"] as? String == sentence)
        #expect(Self.page(.text, nil, refusal: sentence).hasPrefix(sentence + "\n"))
        #expect(Self.page(.html, nil, refusal: sentence).contains(sentence))
    }

    @Test func growthIsSortedByBytesInEveryForm() {
        let earlier = Self.snapshot(
            1, [("App.Session", 2, 192), ("App.Gone", 4, 400), ("App.Cache<Swift.String>", 1, 96)])
        let text = Self.page(.text, Self.snapshot(3, Self.rows), since: earlier)
        let lines = text.split(separator: "\n").filter { $0.contains("App.") }
        #expect(
            lines.map { $0.split(separator: " ").joined(separator: " ") } == [
                "+960 +10 1152 12 App.Session", "0 0 96 1 App.Cache<Swift.String>", "-400 -4 0 0 App.Gone",
            ])
        #expect(Self.page(.json, Self.snapshot(3, Self.rows), since: earlier).contains("\"bytes_growth\": -400"))
        #expect(Self.page(.html, Self.snapshot(3, Self.rows), since: earlier).contains("+960"))
    }

    @Test func namesCannotMarkUpHTMLNorSpeakToATerminal() {
        let html = Self.page(.html, Self.snapshot(3, Self.rows))
        #expect(html.contains("&lt;b&gt;&quot;&amp;\\u{7}"))
        #expect(!html.contains("<b>"))
        #expect(html.contains("<table>"), "positive control: markup of our own is there")
        #expect(!Self.page(.text, Self.snapshot(3, Self.rows)).contains("\u{7}"))
    }

    @Test func matchAndTopChooseTypesAndWhatIsLeftOutIsCounted() {
        var wish = HeapPage.Wish()
        wish.top = 1
        wish.patterns = "App.*"
        wish.matches = { $0.hasPrefix("App.") }
        let text = Self.page(.text, Self.snapshot(3, Self.rows), wish)
        #expect(text.contains("Swift types, 2 that match\n"))
        #expect(text.contains("App.Session") && !text.contains("App.Cache"))
        #expect(text.contains("1 more types left out: raise top"))
    }

    @Test func sizesThatAreUpperBoundsAreSaidToBe() {
        #expect(Self.page(.text, Self.snapshot(3, [], upperBounds: true)).contains("bytes are upper bounds: "))
        #expect(!Self.page(.text, Self.snapshot(3, [])).contains("upper bounds"))
    }
}

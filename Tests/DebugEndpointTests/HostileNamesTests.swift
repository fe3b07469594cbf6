// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import DebugEndpoint
@testable import ProcessSnapshot

@Suite struct HostileNamesTests {
    private static let script = "<script>alert(\"1\")</script>"
    private static let thread = MadeUpProcess.thread(
        1, script, call: script, on: BlockingPrimitive(kind: script, address: 1),
        heldBy: ThreadReference(id: 2, name: script), stack: [0x500], note: script)
    private static let task = MadeUpProcess.task(
        1, script, on: MadeUpProcess.wait(.actor, script + "task 3", task: 3), stack: [0x500], note: script)
    private static let unknown = [UnknownWaiter(id: 4, reason: script)]

    @Test func noMarkupFromTheProcessReachesThePage() throws {
        let pages = [
            try MadeUpProcess.threadsPage(.html, [Self.thread], unknown: Self.unknown),
            try MadeUpProcess.threadsPage(.html, [MadeUpProcess.thread(1, call: Self.script)]),
            try MadeUpProcess.tasksPage(.html, [Self.task], unknown: Self.unknown),
            try MadeUpProcess.tasksPage(.html, [Self.task], unknown: Self.unknown, isTree: true),
        ]
        for page in pages {
            #expect(page.contains("&lt;script&gt;alert"))  // it is there, as text
            #expect(!page.contains("<script") && !page.contains("<b>"))
        }
    }

    @Test func jsonIsValidWhateverTheNamesAre() throws {
        let name = "\u{0}\"\\\n\u{2028}</script>\u{1F}é"
        let threads = [MadeUpProcess.thread(1, name), Self.thread]
        let tasks = [MadeUpProcess.task(1, name), Self.task]
        for text in [
            try MadeUpProcess.threadsPage(.json, threads, unknown: Self.unknown),
            try MadeUpProcess.tasksPage(.json, tasks, unknown: Self.unknown),
        ] {
            let parsed = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            let list = try #require((parsed["threads"] ?? parsed["tasks"]) as? [[String: Any]])
            #expect(list.count == 2)
            #expect(list.first?["name"] as? String == name)
        }
    }

    @Test func aNameCanAddNoLineAndSpeakToNoTerminal() throws {
        let name = "a\nb\u{1B}[2J\u{202E}\u{85}"
        let shown = #""a\u{a}b\u{1b}[2J\u{202e}\u{85}""#
        let texts = [
            try MadeUpProcess.threadsPage(.text, [MadeUpProcess.thread(1, name)]),
            try MadeUpProcess.tasksPage(.text, [MadeUpProcess.task(1, name)]),
            try MadeUpProcess.tasksPage(.text, [MadeUpProcess.task(1, name)], isTree: true),
        ]
        for text in texts { #expect(text.contains(shown)) }
    }

    @Test(arguments: [
        (Duration.zero, "0 µs"), (.microseconds(999), "999 µs"), (.milliseconds(1.25), "1.2 ms"),
        (.milliseconds(40), "40 ms"), (.seconds(3.1), "3.1 s"), (.seconds(59.9), "59 s"), (.seconds(250), "4 min 10 s"),
        (.seconds(7500), "2 h 5 min"), (.seconds(266_400), "3 d 2 h"), (.seconds(-1), "0 µs"),
        (.seconds(Int64.max), "106751 d 23 h"),
    ])
    func durationsReadAsPeopleSayThem(duration: Duration, shown: String) {
        #expect(duration.shown == shown)
    }
}

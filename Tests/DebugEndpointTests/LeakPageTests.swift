// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The forms of /debug/leaks and /debug/pprof/leak, made from reports of a process that never was.
import Foundation
import Profiles
import Testing

@testable import DebugEndpoint

@Suite struct LeakPageTests {
    private static func leak(
        _ kind: LeakReport.Kind, _ id: UInt64, _ verdict: Leak.Verdict, name: String? = nil,
        function: String = "wait()",
        reason: String = "nobody alive refers to it", holder: Leak.Holder? = nil, frames: Int = 1
    ) -> Leak {
        Leak(
            kind: kind, id: id, name: name, verdict: verdict, certainty: .proven,
            waitingOn: Leak.WaitedFor(primitive: "NSLock", address: 0x1000, type: nil), holder: holder, reason: reason,
            blocked: .milliseconds(12_400),
            stack: (0..<frames).map {
                Leak.Frame(
                    address: 0x2000 + UInt($0), function: function, file: "/src/A.swift", line: 12 + $0,
                    isInlined: false,
                    image: "/app", isThunk: false)
            })
    }

    private static func report(_ leaks: [Leak], unknown: [LeakReport.Unknown] = []) -> LeakReport {
        LeakReport(
            leaks: leaks, unknown: unknown, waiters: 31, retracted: 0, scans: 2, pause: .microseconds(800),
            duration: .milliseconds(31), scannedBytes: 73_400_320, waits: [])
    }

    private static func page(_ format: PageFormat, _ report: LeakReport) -> String {
        String(decoding: LeaksPage.body(format, report), as: UTF8.self)
    }

    @Test func jsonHasTheKeysThatProgramsRelyOn() throws {
        let holder = Leak.Holder(kind: .thread, id: 4712, name: "b")
        let text = Self.page(
            .json,
            Self.report(
                [Self.leak(.thread, 4711, .deadlock, name: "a", holder: holder), Self.leak(.task, 7, .orphaned)],
                unknown: [LeakReport.Unknown(kind: .task, id: 9, reason: "memory changed too fast to be sure")]))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(json["waiters"] as? Int == 31)
        #expect(json["scans"] as? Int == 2)
        #expect(json["pause_seconds"] as? Double == 0.0008)
        #expect(json["duration_seconds"] as? Double == 0.031)
        #expect(json["scanned_bytes"] as? Int == 73_400_320)
        let leaks = try #require(json["leaks"] as? [[String: Any]])
        let first = try #require(leaks.first)
        #expect(first["kind"] as? String == "thread")
        #expect(first["id"] as? Int == 4711)
        #expect(first["verdict"] as? String == "deadlock")
        #expect(first["certainty"] as? String == "proven")
        #expect((first["waiting_on"] as? [String: Any])?["address"] as? String == "0x1000")
        #expect((first["holder"] as? [String: Any])?["id"] as? Int == 4712)
        #expect(first["blocked_seconds"] as? Double == 12.4)
        let frame = try #require((first["stack"] as? [[String: Any]])?.first)
        #expect(frame["function"] as? String == "wait()")
        #expect(frame["file"] as? String == "/src/A.swift")
        #expect(frame["line"] as? Int == 12)
        #expect(leaks.last?["name"] is NSNull)
        #expect(leaks.last?["holder"] is NSNull)
        #expect((json["unknown"] as? [[String: Any]])?.first?["id"] as? Int == 9)
    }

    @Test func textGroupsWhatReadsTheSameAndHasCausesFirst() {
        let text = Self.page(
            .text,
            Self.report(
                (1...9).map {
                    Self.leak(.task, $0, .blockedBehind, function: "handle()", reason: "it waits for thread 12")
                }
                    + [Self.leak(.thread, 12, .orphaned, name: "worker")]))
        #expect(
            text.hasPrefix(
                "1 thread and 9 tasks will never wake, of 31 that wait for others: 1 orphaned, 9 blocked_behind\n"))
        #expect(
            text.contains(
                """
                orphaned: 1 thread, waiting on NSLock, for at least 12 s
                  nobody alive refers to it
                  thread 12 "worker" (at 0x1000)
                    wait()
                        /src/A.swift:12

                blocked_behind: 9 tasks, waiting on NSLock, for at least 12 s
                  it waits for thread 12

                """))
        #expect(text.contains("… and 3 more"))
    }

    @Test func aReportWithoutLeaksSaysSo() {
        #expect(Self.page(.text, Self.report([])).hasPrefix("no leaks: somebody alive can wake each of the 31"))
    }

    @Test func namesCanNeitherAddLinesNorMarkup() {
        let leak = Self.leak(.task, 1, .orphaned, name: "<b>\n\u{1b}[2J", function: "a<T>()", reason: "<i>\nb")
        for line in ["<b>", "\u{1b}", "<i>", "a<T>"] {
            #expect(!Self.page(.html, Self.report([leak])).contains(line))
        }
        #expect(!Self.page(.text, Self.report([leak])).contains("\u{1b}"))
        #expect(!Self.page(.text, Self.report([leak])).contains("<i>\n"))
        #expect(Self.page(.html, Self.report([leak])).contains("a&lt;T&gt;()"), "positive control")
    }

    @Test func theHolderIsALinkInHTML() {
        let holder = Leak.Holder(kind: .thread, id: 4712, name: nil)
        let leak = Self.leak(
            .thread, 4711, .deadlock, reason: "it waits for thread 4712, which waits for it", holder: holder)
        #expect(
            Self.page(.html, Self.report([leak])).contains(
                #"<a href="/debug/threads?id=4712#thread-4712">thread 4712</a>"#))
    }

    @Test func deepStacksAndManyGroupsAreBounded() throws {
        let deep = Self.page(.json, Self.report([Self.leak(.task, 1, .orphaned, frames: 500)]))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(deep.utf8)) as? [String: Any])
        let leak = try #require((json["leaks"] as? [[String: Any]])?.first)
        #expect((leak["stack"] as? [Any])?.count == 128)
        #expect(leak["stack_omitted"] as? Int == 372)
        let many = Self.page(
            .text, Self.report((1...1000).map { Self.leak(.task, $0, .orphaned, function: "f\($0)()") }))
        #expect(many.contains("800 more groups with 800 leaks left out: format=json has all"))
    }

    @Test func theProfileHasASampleForEachLeakWithItsLabels() {
        let report = Self.report([
            Self.leak(.thread, 1, .orphaned, name: "a"), Self.leak(.task, 2, .blockedBehind),
            Self.leak(.task, 3, .blockedBehind),
        ])
        let profile = LeakProfilePage.profile("leak", report)
        #expect(profile.samples.map { $0.values.reduce(0, +) }.sorted() == [1, 2])
        let text = String(decoding: profile.countText(name: "leak"), as: UTF8.self)
        #expect(text.hasPrefix("leak profile: total 3\n"))
        #expect(text.contains(#"# labels: {"kind":"thread", "name":"a", "verdict":"orphaned"}"#))
        let dump = String(decoding: LeakProfilePage.dump(report).text(), as: UTF8.self)
        #expect(
            dump.hasPrefix("thread 1 [leaked, waiting on NSLock, orphaned, nobody alive refers to it] {name: a}:\n"))
    }
}

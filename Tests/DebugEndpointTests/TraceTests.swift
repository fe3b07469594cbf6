// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import Testing

@testable import DebugEndpoint

@Suite struct TraceTests {
    /// The grammar as readers know it, by kind.
    private static func grammar(_ kind: String) throws -> Regex<AnyRegexOutput> {
        let number = #"([0-9]+(\.[0-9]+)?|-)"#
        let keys: [String: [String]] = [
            "mem": [
                "live_bytes=" + number, #"delta_bytes=([+-][0-9]+|-)"#, "mallocs_per_second=" + number,
                "frees_per_second=" + number, "resident_bytes=" + number, "cpu_percent=" + number,
            ],
            "sched": [
                "threads", "running", "waiting", "uninterruptible", "stopped", "run_queue_wait_ms",
                "voluntary_switches", "involuntary_switches", "throttled_ms", "cpu_percent",
            ].map { $0 + "=" + number },
            "thread": [
                "id=[0-9]+", "state=[A-Za-z]", "cpu_ms=" + number, "run_queue_wait_ms=" + number,
                #"name="([^"\\]|\\.)*""#,
            ],
            "leak": ["leaked", "unknown", "waiters", "pause_ms", "duration_ms", "scanned_bytes"].map {
                $0 + "=" + number
            },
        ]
        return try Regex(kind + #" @[0-9]+\.[0-9]{3}s: "# + (keys[kind] ?? []).joined(separator: " "))
    }

    private static func lines(_ settings: String, _ count: Int) throws -> [String] {
        let host = try HostProcess("trace-output", [settings, String(count)])
        #expect(host.values["has_server"] == "false", "lines need no server")
        return (0..<100).compactMap { host.values["line_\($0)"] }
    }

    @Test func memoryHasALineASecond() throws {
        let lines = try Self.lines("memory=1", 3)
        let grammar = try Self.grammar("mem")
        #expect(lines.count == 3)
        for line in lines { #expect(try grammar.wholeMatch(in: line) != nil, "\(line)") }
        #expect(lines[0].contains("delta_bytes=- "), "nothing to compare with")
        #expect(!lines[1].contains("=-"), "\(lines[1])")
        let times = lines.compactMap { line in
            line.split(separator: "@").last.flatMap { Double($0.prefix { $0 != "s" }) }
        }
        #expect(times.count == 3 && times[1] - times[0] > 0.8 && times[1] - times[0] < 5)
    }

    @Test func threadsHaveALineForEachAndOneForAll() throws {
        let lines = try Self.lines("sched=100,scheddetail=1", 20)
        let (sched, thread) = (try Self.grammar("sched"), try Self.grammar("thread"))
        var seen: Set<String> = []
        for line in lines {
            let isSched = try sched.wholeMatch(in: line) != nil
            #expect(try isSched || thread.wholeMatch(in: line) != nil, "\(line)")
            seen.insert(isSched ? "sched" : "thread")
        }
        #expect(seen == ["sched", "thread"])
        #expect(lines.contains { $0.contains("name=\"debug-trace\"") })
        #expect(lines.first?.hasPrefix("sched @") == true)
    }

    @Test func badSettingsAreOneSentenceAndTheOthersHold() throws {
        let lines = try Self.lines("memory=x,leaks,sched=50,=,memory=-1,mallocs=1", 3)
        #expect(lines.count { $0.hasPrefix("debug-endpoint: DEBUG_ENDPOINT_TRACE has ") } == 1, "\(lines)")
        #expect(lines[0].contains("\"memory=x\" and \"leaks\" and \"=\" and \"memory=-1\" and \"mallocs=1\""))
        #expect(try Self.grammar("sched").wholeMatch(in: lines[1]) != nil, "\(lines[1])")
    }

    @Test(arguments: [
        ("memory=1,sched=1000,leaks=1", TraceSettings(memorySeconds: 1, schedMilliseconds: 1000, leaks: true)),
        (" memory=2, scheddetail=1,", TraceSettings(memorySeconds: 2, schedDetail: true)),
        ("memory=3600,sched=3600000", TraceSettings(memorySeconds: 3600, schedMilliseconds: 3_600_000)),
        ("memory=0,memory=5", TraceSettings(memorySeconds: 5)), ("", TraceSettings()),
    ])
    func settingsAreUnderstood(text: String, expected: TraceSettings) {
        let (settings, problem) = TraceSettings.parse(text)
        #expect(settings == expected)
        #expect(problem == nil)
    }

    @Test(arguments: [
        "memory", "memory=", "memory=3601", "memory=+1", "memory=1.5", "MEMORY=1", "sched=3600001", "leaks=2",
        "memory=99999999999999999999", "a=b=c", "\u{1F600}=1", "memory=١",
    ])
    func whatCannotBeUnderstoodIsNamed(text: String) throws {
        let (settings, problem) = TraceSettings.parse(text)
        #expect(settings == TraceSettings())
        let sentence = try #require(problem)
        #expect(!sentence.contains("\n"))
        #expect(sentence.contains("memory=0 to 3600, sched=0 to 3600000, scheddetail=0 to 1, leaks=0 to 1"))
    }

    @Test func aLeakScanHasALineAndIsCounted() throws {
        let scans = LeakScanHistory()
        let seen = Mutex<[String]>([])
        scans.observe { scan in
            seen.withLock { $0.append(String(decoding: TraceLine.leak(scan, at: 5.1), as: UTF8.self)) }
        }
        #expect(scans.figures == nil, "before the first scan nothing is known")
        let scan = LeakScanHistory.Scan(
            threads: 1, tasks: 1, unknown: 1, examined: 31, pause: .microseconds(812), duration: .milliseconds(31),
            scannedBytes: 73_400_320, time: 1_700_000_000)
        scans.note(scan)
        scans.note(scan)
        let line =
            "leak @5.100s: leaked=2 unknown=1 waiters=31 pause_ms=0.812 duration_ms=31.0 scanned_bytes=73400320\n"
        #expect(seen.withLock { $0 } == [line, line])
        #expect(try Self.grammar("leak").wholeMatch(in: line.dropLast()) != nil)
        #expect(scans.figures?.scans == 2)
        #expect(scans.figures?.leaked == 2)
        #expect(scans.figures?.scannedBytes == 146_800_640)
    }

    @Test(arguments: [
        (0.0, "0.0"), (0.04, "0.0"), (0.05, "0.1"), (12.34, "12.3"), (-1, "0.0"), (.nan, "0.0"), (.infinity, "0.0"),
        (1e18, "100000000000000000.0"),
    ])
    func numbersHaveNoExponent(number: Double, text: String) {
        var line = TraceLine("mem", at: 0)
        line.add("x", number == 1e18 ? 1e17 : number)
        #expect(String(decoding: line.finish(), as: UTF8.self) == "mem @0.000s: x=\(text)\n")
    }

    @Test func aNameStaysOnItsLine() {
        var line = TraceLine("thread", at: 1)
        line.add("name", quoted: "a\"b\nc")
        #expect(String(decoding: line.finish(), as: UTF8.self) == "thread @1.000s: name=\"a\\\"b\\nc\"\n")
    }

    @Test func linesThatWereMissedAreLeftOut() {
        let start = ContinuousClock.now
        #expect(TraceLines.next(start, .seconds(1), start) == start + .seconds(1))
        #expect(TraceLines.next(start, .seconds(1), start + .milliseconds(300)) == start + .seconds(1))
        let late = start + .seconds(60)
        #expect(TraceLines.next(start, .seconds(1), late) == late + .seconds(1))
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

/// The judge is judged first.
@Suite struct StrictLineTests {
    @Test func aLineWithEveryFieldIsTakenApart() throws {
        let text =
            "a.b_c:1:-2.5|g|@0.5|#env:dev,plain,url:http://x|c:in-42|e:it-false,cn-a|T1700000000|card:low\n"
        let lines = try StrictLine.lines(of: Array(text.utf8), limit: 200)
        var expected = try StrictLine(Array("a.b_c:1:-2.5|g".utf8)[...])
        expected.rate = 0.5
        expected.tags = ["env:dev", "plain", "url:http://x"]
        expected.container = "in-42"
        expected.externalData = "it-false,cn-a"
        expected.timestamp = 1_700_000_000
        expected.cardinality = "low"
        #expect(lines == [expected])
        #expect(expected.name == "a.b_c" && expected.values == [1, -2.5] && expected.type == "g")
    }

    @Test(arguments: [
        "", "a", "a:1", "a:|g", ":1|g", "a:1|x", "a:1|s", "a:1|", "a:x|g", "a:1e3|g", "a:nan|g", "a:inf|g", "a:+1|g",
        "a:1 |g",
        "a:01|g", "a:.5|g", "a:1.|g", "a::1|g", "a b:1|g", "1a:1|g", ".a:1|g", "é:1|g", "a:1|g|", "a:1|g|#",
        "a:1|g|#a,,b",
        "a:1|g|#a,a", "a:1|g|#:a", "a:1|g|@0", "a:1|g|@1.5", "a:1|g|@-1", "a:1|g|@1e-3", "a:1|g|@x", "a:1|g|T0",
        "a:1|g|T-5",
        "a:1|g|Tx", "a:1|h|T5", "a:1|g|c:", "a:1|g|c:x", "a:1|g|e:", "a:1|g|card:some", "a:1|g|z:1", "a:1|g|#a|#b",
        "a:1|g|T5|T5", "a:1|g|#a\u{7}b", "a:1|g|#a\rb", "_e{1,1}:a|b", "_sc|a|0",
    ])
    func malformedLinesAreRefused(line: String) {
        #expect(throws: StrictLine.Malformed.self) { try StrictLine(Array(line.utf8)[...]) }
    }

    @Test(arguments: ["a:1|g", "a:1|g\n\n", "\na:1|g\n", "a:1|g\nb:2\n"])
    func payloadsWithoutWholeLinesAreRefused(payload: String) {
        #expect(throws: StrictLine.Malformed.self) { try StrictLine.lines(of: Array(payload.utf8), limit: 100) }
    }

    @Test func separatorsAreBytesWhateverFollowsThem() throws {
        let line = try StrictLine(Array("a:1|g|#\u{301}x,\u{301}|e:\u{301}".utf8)[...])
        #expect(line.tags == ["\u{301}x", "\u{301}"] && line.externalData == "\u{301}")
    }

    @Test func whatIsNoUTF8OrTooLongIsRefused() throws {
        #expect(throws: StrictLine.Malformed.self) { try StrictLine([0x61, 0x3A, 0x31, 0x7C, 0x67, 0x7C, 0x23, 0xFF]) }
        #expect(try StrictLine.lines(of: Array("a:1|g\n".utf8), limit: 6).count == 1)
        #expect(throws: StrictLine.Malformed.self) { try StrictLine.lines(of: Array("a:1|g\n".utf8), limit: 5) }
    }
}

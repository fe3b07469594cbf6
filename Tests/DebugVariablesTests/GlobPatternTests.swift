// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables
import Testing

@Suite struct GlobPatternTests {
    @Test(arguments: [
        ("*", "anything", true), ("http_*", "http_requests_total", true), ("http_*", "https", false),
        ("*_total", "http_requests_total", true), ("*_total", "total", false), ("a*b*c", "aXbYbZc", true),
        ("a*b*c", "aXbY", false), ("?", "a", true), ("?", "", false), ("a?c", "abc", true), ("a?c", "ac", false),
        ("[abc]x", "bx", true), ("[abc]x", "dx", false), ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false),
        ("[!a-c]x", "dx", true), ("[a-]x", "ax", true), ("[z-a]", "m", false), ("x", "x", true), ("x", "xy", false),
    ])
    func aPatternMatchesAsTheShellDoes(pattern: String, name: String, matches: Bool) throws {
        let glob = try #require(GlobPattern(pattern))
        #expect(glob.matches(name) == matches)
    }

    @Test(arguments: ["", "[", "[]", "[!]", "[a", "a b", "a/b", "é", "a]", "\\"])
    func aPatternThatNoNameCouldMatchIsRefused(pattern: String) {
        #expect(GlobPattern(pattern) == nil)
    }

    @Test(arguments: [
        ("NIO-ELT-*-#?", "NIO-ELT-0-#1", true), ("a b", "a b", true), ("a.b", "axb", false), ("é]", "é]", true),
        ("[a-c.]x", ".x", true), ("[a-]x", "-x", true), ("[*]", "*", true), ("[*]", "a", false),
    ])
    func overAnyTextEveryOtherCharacterStandsForItself(pattern: String, name: String, matches: Bool) throws {
        let glob = try #require(GlobPattern(pattern, over: .anyText))
        #expect(glob.matches(name) == matches)
    }

    @Test(arguments: ["", "[", "[]", "[!]", "[a", "a\n", "[\u{7}]"])
    func overAnyTextWhatIsNotClosedOrAControlCharacterIsRefused(pattern: String) {
        #expect(GlobPattern(pattern, over: .anyText) == nil)
    }

    @Test func aPatternOfManyStarsEndsSoon() throws {
        let pattern = try #require(GlobPattern(String(repeating: "*a", count: 400) + "b"))
        let start = ContinuousClock.now
        #expect(!pattern.matches(String(repeating: "a", count: 1000)))
        #expect(ContinuousClock.now - start < .seconds(5))  // exponential matchers need longer than the universe
    }
}

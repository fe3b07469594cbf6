// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Symbols
import Testing

@Suite struct InlinedFrameTests {
    let symbolizer = Symbolizer()

    private func frames() throws -> [SourceFrame] {
        let library = try FixtureLibrary()
        return symbolizer.frames(at: try library.callBack().map { .returnAddress($0) }).flatMap { $0 }
            .filter { $0.image == library.path }
    }

    @Test func inlinedFunctionsComeInnermostFirst() throws {
        let names = try frames().map { $0.function?.split(separator: "(").first ?? "" }
        #expect(
            names.prefix(5) == [
                "recognisableInlinedLeaf", "recognisableInlinedMiddle", "recognisableInlinedOuter",
                "recognisablePhysical",
                "recognisableEntry",
            ]
                || names.prefix(5).dropLast() == [
                    "recognisableInlinedLeaf", "recognisableInlinedMiddle", "recognisableInlinedOuter",
                    "recognisablePhysical",
                ] && names[4] == "recognisable_entry", "\(names)")
    }

    @Test func eachInlinedFunctionHasTheLineOfItsOwnCall() throws {
        let lines = try frames().prefix(4).map(\.line)
        #expect(
            lines == [
                try FixtureLibrary.line(of: "    call()"),
                try FixtureLibrary.line(of: "    recognisableInlinedLeaf(call)"),
                try FixtureLibrary.line(of: "    recognisableInlinedMiddle(call)"),
                try FixtureLibrary.line(of: "    recognisableInlinedOuter(call)"),
            ])
    }

    @Test func theFunctionThatHasTheCodeIsTheOneNotInlined() throws {
        let frames = try frames()
        #expect(frames.prefix(4).map(\.isInlined) == [true, true, true, false])
        #expect(frames.prefix(4).allSatisfy { $0.file?.hasSuffix("/Fixture.swift") == true })
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Symbols

@Suite struct ByteCursorTests {
    private func read<Result>(_ bytes: [UInt8], _ body: (inout ByteCursor) -> Result) -> (Result, failed: Bool) {
        bytes.withUnsafeBytes { bytes in
            var cursor = ByteCursor(bytes)
            return (body(&cursor), cursor.failed)
        }
    }

    @Test(arguments: [([0x02], 2), ([0x80, 0x01], 128), ([0xe5, 0x8e, 0x26], 624_485)] as [([UInt8], UInt64)])
    func unsignedNumbersOfVaryingLengthAreRead(_ bytes: [UInt8], _ expected: UInt64) {
        #expect(read(bytes) { $0.uleb() } == (expected, false))
    }

    @Test(arguments: [([0x02], 2), ([0x7e], -2), ([0x80, 0x7f], -128), ([0xff, 0x00], 127)] as [([UInt8], Int64)])
    func signedNumbersOfVaryingLengthAreRead(_ bytes: [UInt8], _ expected: Int64) {
        #expect(read(bytes) { $0.sleb() } == (expected, false))
    }

    @Test func anEndlessNumberEndsWithTheBytes() {
        #expect(read([UInt8](repeating: 0x80, count: 100)) { $0.uleb() }.failed)
        #expect(read([UInt8](repeating: 0xff, count: 100)) { $0.sleb() }.failed)
    }

    @Test func readingTooFarGivesZeroForGood() {
        let (values, failed) = read([1, 2, 3]) { cursor in
            [
                UInt64(cursor.integer(UInt16.self)), UInt64(cursor.integer(UInt16.self)),
                UInt64(cursor.integer(UInt8.self)),
            ]
        }
        #expect(values == [0x0201, 0, 0])
        #expect(failed)
    }

    @Test func textWithoutAnEndIsNone() {
        #expect(read(Array("abc".utf8)) { $0.text().count } == (0, true))
        #expect(read(Array("abc\0".utf8)) { $0.text().count } == (3, false))
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#if canImport(Testing)
    import Testing
#endif
#if canImport(XCTest)
    import XCTest
#endif

/// A line of a test that an issue belongs to, whichever framework runs it.
struct TestPlace {
    let fileID: StaticString
    let filePath: StaticString
    let line: UInt
    let column: UInt

    /// Fails the test that runs. Where no test does, nothing happens.
    func fail(_ text: String) {
        #if canImport(Testing)
            // Task-local: nil in a test of XCTest's, and where nobody tests.
            if Test.current != nil {
                Issue.record(
                    Comment(rawValue: text),
                    sourceLocation: SourceLocation(
                        fileID: "\(fileID)", filePath: "\(filePath)", line: Int(line), column: Int(column)))
                return
            }
        #endif
        #if canImport(XCTest)
            XCTFail(text, file: filePath, line: line)
        #endif
    }
}

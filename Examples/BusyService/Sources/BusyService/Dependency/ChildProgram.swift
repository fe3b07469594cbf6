// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation

/// This executable once more, run as another program; spoken to in lines over two pipes.
///
/// It is expected to end when its input ends, so it ends with this process however that ends.
struct ChildProgram: Sendable {
    /// The lines it prints; finished when it has ended.
    let output: AsyncStream<String>

    private let input: FileHandle

    /// Starts it.
    /// - Parameter name: names the thread that waits for its output.
    init(_ arguments: [String], name: String) throws {
        let (inputPipe, outputPipe) = (Pipe(), Pipe())
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        process.standardInput = inputPipe
        process.standardOutput = outputPipe
        try process.run()
        input = inputPipe.fileHandleForWriting

        let (lines, continuation) = AsyncStream<String>.makeStream()
        output = lines
        // A thread of its own: read() blocks, and Swift's pool has one thread a core.
        Thread.detachNewThread {
            Thread.current.name = name
            readLines(outputPipe.fileHandleForReading, into: continuation)
            process.waitUntilExit()
            continuation.finish()
        }
    }

    /// Writes a line to its input.
    func send(_ line: String) throws {
        try input.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Ends its input, and so itself.
    func end() {
        try? input.close()
    }
}

/// Returns when the file ends.
private func readLines(_ file: FileHandle, into lines: AsyncStream<String>.Continuation) {
    var unread = Data()
    while case let data = file.availableData, !data.isEmpty {
        unread += data
        while let newline = unread.firstIndex(of: UInt8(ascii: "\n")) {
            lines.yield(String(decoding: unread[..<newline], as: UTF8.self))
            unread = Data(unread[unread.index(after: newline)...])
        }
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation

/// Prints a line on standard output, also into a pipe at once. What cannot be written is dropped.
func printNow(_ line: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
}

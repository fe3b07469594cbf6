// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Prints a line on standard output, also into a pipe at once.
func printNow(_ line: String) {
    print(line)
    fflush(nil)
}

/// Prints a line on standard error.
func printError(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
}

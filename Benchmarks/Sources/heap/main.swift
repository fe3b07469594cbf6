// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A process with many live blocks, for others to look at, and a thread that notices when it is held up. Prints its port, and
// ends when standard input does: heap BLOCKS BYTES
import DebugEndpoint
import Glibc
import Probing

let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }.filter { $0 > 0 }
guard numbers.count == 2, let hoard = Hoard(blocks: numbers[0], bytes: numbers[1]) else {
    fatalError("usage: heap BLOCKS BYTES, at least \(4 * Hoard.least) bytes for four blocks")
}
let probe = Probe()
probe.start()
let registry = VariableRegistry()
// The longest since somebody last asked.
registry.computed("longest_gap_seconds") { .double(probe.takeLongestGap()) }
registry.computed("longest_held_seconds") { .double(probe.takeLongestHeld()) }
do {
    let server = try DebugServer.start(.init(address: .loopback(port: 0), registry: registry))
    print("port", server.port)
    fflush(nil)
    var byte: UInt8 = 0
    while read(STDIN_FILENO, &byte, 1) > 0 {}
    // Nothing is given back one by one.
    withExtendedLifetime(hoard) { _exit(0) }
} catch {
    fatalError("\(error)")
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The process under judgement: prints its URL, adds one to a counter for every line of input, ends when the input does.
// What a line says matters to `work` only.

import DebugEndpoint
import Glibc

let registry = VariableRegistry()
let lines = registry.counter("interop_input_lines_total", help: "Lines read from standard input.")

switch CommandLine.arguments.dropFirst().first {
case "expvar":
    registry.remove("interop_input_lines_total")
    registerExpvarValues(in: registry)
case "metrics":
    registerMetricValues(in: registry)
case "misuse":
    registerMisuse(in: registry)
case "work":
    startWork()
case let other:
    print("usage: InteropHost expvar|metrics|misuse|work (found \(other ?? "nothing"))")
    exit(2)
}

let server = try DebugServer.start(.init(address: .loopback(port: 0), registry: registry))
print(server.url)
fflush(nil)  // standard output is a pipe here, hence fully buffered
while let line = readLine() {
    lines.increment()
    obey(line)
}
server.stop()

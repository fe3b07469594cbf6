// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The process under judgement: prints its URL, adds one to a counter for every line of input, ends when the input does.
// What a line says matters to `work` only.

import DebugEndpoint
import DebugEndpointDogStatsD
import Dispatch
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
case "report":
    registerReportedValues(in: registry)
case "trouble":
    startTrouble(in: registry)
case let other:
    print("usage: InteropHost expvar|metrics|misuse|work|report|trouble (found \(other ?? "nothing"))")
    exit(2)
}

let isInTrouble = CommandLine.arguments.dropFirst().first == "trouble"
var configuration = DebugServer.Configuration(address: .loopback(port: 0), registry: registry)
configuration.schedulingProbe = isInTrouble
let server = try DebugServer.start(configuration)
// The first values are on their way before anybody reads the URL.
let reporter = CommandLine.arguments.dropFirst().first == "report" ? try startReporter(for: registry) : nil
print(server.url)
fflush(nil)  // standard output is a pipe here, hence fully buffered

/// Returns when the input ends.
func readInput(_ lines: CounterVariable) {
    while let line = readLine() {
        lines.increment()
        obey(line)
    }
}

if isInTrouble {
    // The probe asks the main queue too, so somebody must serve it.
    startThread("input") { [lines, server] in
        readInput(lines)
        server.stop()
        exit(0)
    }
    dispatchMain()
}
readInput(lines)
reporter?.stop()
server.stop()

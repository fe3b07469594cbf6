// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A process that is always busy, under CPU profiles of itself:
// burn cost HERTZ SECONDS PAIRS, or burn attribution threads|tasks|callers SECONDS
import DebugEndpoint

let words = Array(CommandLine.arguments.dropFirst())
let numbers = words.compactMap { Int($0) }.filter { $0 > 0 }
do {
    let server = try DebugServer.start(.init(address: .loopback(port: 0), registry: VariableRegistry()))
    switch (words.first, numbers.count, words.dropFirst().first.flatMap { Attribution.Place(rawValue: $0) }) {
    case ("cost", 3, nil):
        try ProfileCost(server, hertz: numbers[0], seconds: numbers[1]).measure(pairs: numbers[2])
    case ("attribution", 1, let place?):
        try Attribution(place).measure(server, seconds: numbers[0])
    default:
        fatalError("usage: burn cost HERTZ SECONDS PAIRS, or burn attribution threads|tasks|callers SECONDS")
    }
} catch {
    fatalError("\(error)")
}

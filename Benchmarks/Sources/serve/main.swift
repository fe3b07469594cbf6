// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Serves counters until standard input ends, and prints its port: serve counters COUNT, or serve families COUNT MEMBERS
import DebugEndpoint
import Glibc

func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
}

let registry = VariableRegistry()
let numbers = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
switch (CommandLine.arguments.dropFirst().first, numbers.count) {
case ("counters", 1):
    for index in 1...numbers[0] {
        registry.counter("requests_\(padded(index))_total", help: "Requests served").increment(by: index)
    }
case ("families", 2):
    for index in 1...numbers[0] {
        let family = registry.counter("requests_\(padded(index))_total", help: "Requests served", labels: ["route"])
        for member in 1...numbers[1] { family["/users/\(padded(member))"].increment(by: member) }
    }
default:
    fatalError("usage: serve counters COUNT, or serve families COUNT MEMBERS")
}
do {
    let server = try DebugServer.start(.init(address: .loopback(port: 0), registry: registry))
    print("port", server.port)
    fflush(nil)
    var byte: UInt8 = 0
    while read(STDIN_FILENO, &byte, 1) > 0 {}
    server.stop()
} catch {
    fatalError("\(error)")
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A process that waits, for others to look at. Prints its port, and ends when standard input does:
// wait threads WAITING BUSY, wait continuations COUNT, or wait sleeps COUNT
import DebugEndpoint
import Glibc

let words = Array(CommandLine.arguments.dropFirst())
let numbers = words.dropFirst().compactMap { Int($0) }.filter { $0 >= 0 }
let threads = Threads()
let tasks = Tasks()
switch (words.first, numbers.count) {
case ("threads", 2):
    threads.startWaiting(numbers[0])
    threads.startBusy(numbers[1])
case ("continuations", 1): tasks.start(numbers[0], .continuation)
case ("sleeps", 1): tasks.start(numbers[0], .sleep)
default: fatalError("usage: wait threads WAITING BUSY, wait continuations COUNT, or wait sleeps COUNT")
}
do {
    let server = try DebugServer.start(.init(address: .loopback(port: 0), registry: VariableRegistry()))
    print("port", server.port)
    fflush(nil)
    var byte: UInt8 = 0
    while read(STDIN_FILENO, &byte, 1) > 0 {}
    server.stop()
} catch {
    fatalError("\(error)")
}

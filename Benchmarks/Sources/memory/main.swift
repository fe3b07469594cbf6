// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Bytes that a counter without labels costs: memory COUNT. The names are made before, but not kept: what a counter holds
// of its name is counted.
import CLinux
import DebugEndpoint
import Glibc

func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
}

/// What malloc has given out and not got back.
func bytesInUse() -> Int {
    let heap = mallinfo2()
    return Int(heap.uordblks + heap.hblkhd)
}

func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
        separator: " ")
    return (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
}

let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 10_000
let registry = VariableRegistry()
registry.counter("warm_up_total", help: "Requests served").increment()
var counters: [CounterVariable] = []
counters.reserveCapacity(count)  // the user's own references are not the counters' cost
let before = (inUse: bytesInUse(), resident: residentBytes())
for index in 1...count {
    let counter = registry.counter("requests_\(padded(index))_total", help: "Requests served")
    counter.increment()
    counters.append(counter)
}
let after = (inUse: bytesInUse(), resident: residentBytes())
print("bytes_per_counter", Double(after.inUse - before.inUse) / Double(count))
print("resident_bytes_per_counter", Double(after.resident - before.resident) / Double(count))
guard counters.allSatisfy({ $0.value == 1 }), registry.count == count + 1 else {
    fatalError("the counters are wrong")
}

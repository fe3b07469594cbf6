// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What reading runtime metrics costs in a process with many threads that wait:
//   metrics read THREADS READINGS    microseconds for one reading of everything, and of five cheap ones
//   metrics each THREADS READINGS    microseconds of processor time for each metric by itself
//   metrics sample THREADS SECONDS   the share of one processor that a reading of everything every ten seconds takes
import DebugEndpoint
import Glibc

func processorSeconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Threads that wait in the kernel until the process ends.
func startWaitingThreads(_ count: Int) {
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    for _ in 0..<count {
        var thread = pthread_t()
        let descriptor = UnsafeMutableRawPointer(bitPattern: Int(ends[0]))
        pthread_create(
            &thread, nil,
            { descriptor in
                var byte: UInt8 = 0
                read(Int32(Int(bitPattern: descriptor)), &byte, 1)
                return nil
            }, descriptor)
    }
}

struct Times {
    var microseconds: [Double] = []
    var processor = 0.0

    /// Readings one after another, with a moment between them so that kept readings grow old, as they do in a service.
    static func measure(_ readings: Int, pause: UInt32, _ names: [String]) -> Times {
        var samples = names.map { RuntimeMetrics.Sample($0) }
        for _ in 0..<10 { RuntimeMetrics.read(into: &samples) }
        var times = Times()
        for _ in 0..<readings {
            usleep(pause)
            let busy = processorSeconds(CLOCK_THREAD_CPUTIME_ID)
            let start = processorSeconds(CLOCK_MONOTONIC)
            RuntimeMetrics.read(into: &samples)
            times.microseconds.append((processorSeconds(CLOCK_MONOTONIC) - start) * 1e6)
            times.processor += (processorSeconds(CLOCK_THREAD_CPUTIME_ID) - busy) * 1e6
        }
        times.microseconds.sort()
        return times
    }

    func print(_ name: String) {
        let last = microseconds.count - 1
        Swift.print("\(name)_us", microseconds[last / 2])
        Swift.print("\(name)_p99_us", microseconds[last * 99 / 100])
        Swift.print("\(name)_max_us", microseconds[last])
        Swift.print("\(name)_cpu_us", processor / Double(microseconds.count))
    }
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let threads = Int(arguments[2]), let amount = Int(arguments[3]), amount > 0 else {
    print("usage: metrics read|each THREADS READINGS | metrics sample THREADS SECONDS")
    exit(2)
}
startWaitingThreads(threads)
let everything = RuntimeMetrics.all.map(\.name)
switch arguments[1] {
case "read":
    Times.measure(amount, pause: 2000, everything).print("all")
    let cheap = [
        "/cpu/total:cpu-seconds", "/sched/threads/total:threads", "/memory/resident:bytes", "/files/open:descriptors",
        "/memory/heap/allocs:bytes",
    ]
    Times.measure(amount * 10, pause: 100, cheap).print("five")
    print("metrics", everything.count)
    print("present", RuntimeMetrics.read(everything).count { $0.value != .absent })
case "each":
    for name in everything {
        var samples = [RuntimeMetrics.Sample(name)]
        RuntimeMetrics.read(into: &samples)
        let start = processorSeconds(CLOCK_THREAD_CPUTIME_ID)
        for _ in 0..<amount { RuntimeMetrics.read(into: &samples) }
        print(name, (processorSeconds(CLOCK_THREAD_CPUTIME_ID) - start) * 1e6 / Double(amount))
    }
case "anew":
    var samples = everything.map { RuntimeMetrics.Sample($0) }
    RuntimeMetrics.read(into: &samples)
    for _ in 0..<amount {
        sleep(10)
        for prefix in ["/memory/classes/", "/sched/tasks/", "/memory/p", "/memory/heap/", "/sched/threads/", "/"] {
            var part = everything.filter { $0.hasPrefix(prefix) }.map { RuntimeMetrics.Sample($0) }
            let start = processorSeconds(CLOCK_THREAD_CPUTIME_ID)
            RuntimeMetrics.read(into: &part)
            print(prefix, (processorSeconds(CLOCK_THREAD_CPUTIME_ID) - start) * 1e6)
        }
    }
case "sample":
    var samples = everything.map { RuntimeMetrics.Sample($0) }
    RuntimeMetrics.read(into: &samples)
    let start = processorSeconds(CLOCK_MONOTONIC)
    let busy = processorSeconds(CLOCK_PROCESS_CPUTIME_ID)
    var readings = 0
    while processorSeconds(CLOCK_MONOTONIC) - start < Double(amount) {
        usleep(10_000_000)
        RuntimeMetrics.read(into: &samples)
        readings += 1
    }
    let share =
        (processorSeconds(CLOCK_PROCESS_CPUTIME_ID) - busy) / (processorSeconds(CLOCK_MONOTONIC) - start) * 100
    print("cpu_percent", share)
    print("readings", readings)
default:
    exit(2)
}

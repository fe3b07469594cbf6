// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Scans itself for leaks, and says what that cost:  leaks scan|fork NODES THREADS TASKS LINKS LOST CHURN TIMES
// Each time is a line of `name value` for each figure; the first scan is not counted, as it reads symbols. `fork` forks instead.
import DebugEndpoint
import Glibc
import Probing

let numbers = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }.filter { $0 >= 0 }
guard numbers.count == 7, let mode = CommandLine.arguments.dropFirst().first, ["scan", "fork"].contains(mode) else {
    fatalError("usage: leaks scan|fork NODES THREADS TASKS LINKS LOST CHURN TIMES")
}

/// KiB of resident memory now, or at most since it was set back.
func resident(_ name: String) -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
        let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ":" })
        if words.count > 1, words[0] == name { return Int(words[1]) ?? 0 }
    }
    return 0
}

func setPeakBack() {
    let file = open("/proc/self/clear_refs", O_WRONLY)
    guard file >= 0, write(file, "5", 1) == 1 else { fatalError("the peak of memory cannot be set back") }
    close(file)
}

func milliseconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
}

Population.addNodes(numbers[0])
Population.addThreads(numbers[1])
Population.addTasks(numbers[2])
if numbers[3] > 0 { Population.addChain(numbers[3]) }
if numbers[5] > 0 { Population.churn() }
let probe = Probe()
probe.start()
usleep(500_000)
if mode == "scan" { _ = try LeakDetector.scan() }

// Swift does not let fork be called by its name.
let fork = unsafeBitCast(dlsym(nil, "fork"), to: (@convention(c) () -> pid_t).self)
for _ in 0..<numbers[6] {
    // Verdicts are for ever: only what is new is looked at again.
    Population.lose(numbers[4])
    usleep(300_000)
    setPeakBack()
    let before = resident("VmRSS")
    _ = (probe.takeLongestGap(), probe.takeLongestHeld())
    let (wall, processor) = (milliseconds(CLOCK_MONOTONIC), milliseconds(CLOCK_THREAD_CPUTIME_ID))
    if mode == "fork" {
        let child = fork()
        if child == 0 {
            usleep(100_000)
            _exit(0)
        }
        print("duration", milliseconds(CLOCK_MONOTONIC) - wall)
        waitpid(child, nil, 0)
    } else {
        let report = try LeakDetector.scan()
        print("duration", milliseconds(CLOCK_MONOTONIC) - wall)
        print("processor", milliseconds(CLOCK_THREAD_CPUTIME_ID) - processor)
        print("waiters", report.waiters)
        print("found", report.leaks.count)
        print("unknown", report.unknown.count)
        print("read", report.scannedBytes >> 20)
    }
    print("held", probe.takeLongestHeld() * 1e3)
    print("gap", probe.takeLongestGap() * 1e3)
    print("more", Double(resident("VmHWM") - before) / 1024)
    print("resident", Double(before) / 1024)
    // The control: as long without anything.
    _ = (probe.takeLongestGap(), probe.takeLongestHeld())
    usleep(UInt32(max(1, milliseconds(CLOCK_MONOTONIC) - wall) * 1000))
    print("control", probe.takeLongestHeld() * 1e3)
}
fflush(nil)
_exit(0)

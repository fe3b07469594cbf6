// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A service that has what the alerts are for: waiters that nobody can wake, a heap that grows, hardly a descriptor left, a thread
// that takes all the processor it can get, and a variable with a problem.

import DebugEndpoint
import Glibc

func startTrouble(in registry: VariableRegistry) {
    registry.counter("interop-no-name").increment()
    leakThread()
    leakTask()
    useUpDescriptors(of: 400)
    startThread("busy") { takeAllTheProcessor() }
    startThread("grows") { keepMoreAndMore() }
}

@inline(never) private func leakThread() {
    startThread("leaked-thread") {
        let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
        sem_wait(semaphore)  // only its own stack refers to the semaphore
    }
}

@inline(never) private func leakTask() {
    Task(name: "leaked-task") {
        await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }  // nobody keeps it
    }
}

/// Leaves a twentieth of the limit, which the endpoint's own connections fit into.
private func useUpDescriptors(of limit: UInt) {
    var limits = rlimit(rlim_cur: limit, rlim_max: limit)
    guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else {
        fatalError("setrlimit: \(errno)")
    }
    for _ in 0..<limit * 19 / 20 where open("/dev/null", O_RDONLY) < 0 { return }
}

/// What the endpoint leaves.
private func takeAllTheProcessor() {
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)  // of this thread, on Linux
    var number: UInt64 = 1
    while number != 0 { number = number &* 6_364_136_223_846_793_005 | 1 }
}

/// 80 MB, then a megabyte a second.
private func keepMoreAndMore() {
    var kept = [[UInt8](repeating: 1, count: 80_000_000)]
    while true {
        for _ in 0..<10 { kept.append([UInt8](repeating: 1, count: 100_000)) }
        sleep(1)
    }
}

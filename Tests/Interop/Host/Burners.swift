// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Functions that use the processor in known shares while test_pprof.py looks, and nothing at other times.

import Glibc
import Synchronization

private let isBurning = Atomic(false)

/// Takes `burn`, `rest`, `hoard` and `give back` from standard input.
func obey(_ line: String) {
    switch line {
    case "burn": isBurning.store(true, ordering: .relaxed)
    case "rest": isBurning.store(false, ordering: .relaxed)
    case "hoard": hoard()
    case "give back": giveBack()
    default: break
    }
}

/// One thread that spends most of its time in `burnMuch`, and one task that works a little.
func startBurners() {
    startThread("burner") {
        while true {
            while !isBurning.load(ordering: .relaxed) { usleep(1000) }
            burnMuch(3_000)
            burnLittle(1_000)
        }
    }
    Task(name: "burning task") { await outermostAsyncFunction() }
}

@inline(never) func outermostAsyncFunction() async {
    while true {
        if isBurning.load(ordering: .relaxed) { await innerAsyncFunction() }
        try? await Task.sleep(for: .milliseconds(1))
    }
}

@inline(never) func innerAsyncFunction() async {
    await Task.yield()
    burnInATask(100_000)
}

@inline(never) func burnMuch(_ rounds: Int) {
    var value: UInt64 = 88_172_645_463_325_252
    var left = rounds
    while left > 0 {
        value = (value ^ value &<< 13) &* 0x9E37_79B9_7F4A_7C15
        left &-= 1
    }
    sink.store(value, ordering: .relaxed)
}

@inline(never) func burnLittle(_ rounds: Int) {
    sink.store(mix(rounds), ordering: .relaxed)
}

@inline(never) func burnInATask(_ rounds: Int) {
    sink.store(mix(rounds), ordering: .relaxed)
}

/// Where results go, so that they are computed.
private let sink = Atomic<UInt64>(0)

/// Is a part of whoever calls it, also in a debug build: the profile must show it as inlined.
#if compiler(>=6.3)
    @inline(always)
#else
    @inline(__always)
#endif
private func mix(_ rounds: Int) -> UInt64 {
    var value: UInt64 = 88_172_645_463_325_252
    var left = rounds
    while left > 0 {
        value ^= value &<< 13
        value ^= value &>> 7
        left &-= 1
    }
    return value
}

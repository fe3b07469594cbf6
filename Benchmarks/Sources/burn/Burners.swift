// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Three functions that do the same for different times. Their constants differ, else the compiler makes one of them.

/// Runs numbers through a generator; nothing is allocated and nobody else is called.
@inline(__always)
private func spin(_ rounds: Int, _ increment: UInt64) -> UInt64 {
    var value = UInt64(rounds)
    for _ in 0..<rounds { value = value &* 6_364_136_223_846_793_005 &+ increment }
    return value
}

@inline(never) func burnSeventy(_ rounds: Int) -> UInt64 { spin(rounds, 1) }
@inline(never) func burnTwenty(_ rounds: Int) -> UInt64 { spin(rounds, 3) }
@inline(never) func burnTen(_ rounds: Int) -> UInt64 { spin(rounds, 5) }

@inline(never) func awaitSeventy(_ rounds: Int, _ tally: Tally) async -> UInt64 {
    await burnShared(rounds, tally, "Seventy") &+ 1
}
@inline(never) func awaitTwenty(_ rounds: Int, _ tally: Tally) async -> UInt64 {
    await burnShared(rounds, tally, "Twenty") &+ 3
}
@inline(never) func awaitTen(_ rounds: Int, _ tally: Tally) async -> UInt64 {
    await burnShared(rounds, tally, "Ten") &+ 5
}

/// Where the time of all three goes: only who awaits it tells them apart.
@inline(never) func burnShared(_ rounds: Int, _ tally: Tally, _ name: String) async -> UInt64 {
    var result: UInt64 = 0
    // In halves, so that it burns both before and after it has given its thread away.
    for _ in 0..<2 {
        result = tally.add(name) { result &+ spin(rounds / 2, 7) }
        await Task.yield()
    }
    return result
}

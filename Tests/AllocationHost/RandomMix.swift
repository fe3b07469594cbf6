// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Threads that allocate, move and free each other's blocks, and a shadow that knows which blocks live.
import CAllocationTap
import CGlibc
import Glibc
import Synchronization

/// The shadow: who takes a block out of its place owns it. In mapped memory, shared by all threads.
private struct Shadow: @unchecked Sendable {  // Safe: atomics, and counters that one thread each writes to
    static let places = 4096
    let blocks: UnsafeMutablePointer<Atomic<UInt>> = mapped(places)
    let phase: UnsafeMutablePointer<Atomic<Int>> = mapped(1)
    let arrived: UnsafeMutablePointer<Atomic<Int>> = mapped(1)
    let bytes: UnsafeMutablePointer<Atomic<UInt64>> = mapped(1)
    let allocations: UnsafeMutablePointer<Atomic<UInt64>> = mapped(1)
    let wrong: UnsafeMutablePointer<Atomic<Int>> = mapped(1)
}

/// A C string of 34 characters; made once, as passing a literal may allocate.
nonisolated(unsafe) private let text: UnsafePointer<CChar> = {  // Safe: never written again
    let text: UnsafeMutablePointer<CChar> = mapped(35)
    memset(text, 120, 34)
    return UnsafePointer(text)
}()

private struct Player {
    let shadow: Shadow
    var random: SplitMix64
    var bytes: UInt64 = 0
    var allocations: UInt64 = 0
    var wrong = 0

    private mutating func size() -> Int {
        switch random.below(100) {
        case 0: 0
        case 1: 1 << 17 + random.below(1 << 19)  // a mapping of its own, in glibc
        case 2..<10: 2000 + random.below(30_000)
        default: 1 + random.below(400)
        }
    }

    private mutating func allocate() -> UnsafeMutableRawPointer? {
        let alignment = 16 << random.below(9)
        var size = size()
        var block: Block?
        switch random.below(10) {
        case 0:
            size = size / 3 * 3
            block = calloc(3, size / 3)
        case 1: block = realloc(nil, size)
        case 2: _ = posixMemalign(&block, alignment, size)
        case 3: block = memalign(alignment, size)
        case 4:
            size = (size + alignment - 1) / alignment * alignment
            block = alignedAlloc(alignment, size)
        case 5:
            size = min(size, 8192)
            block = valloc(size)
        case 6:
            block = pvalloc(min(size, 8192))
            size = (min(size, 8192) + 4095) / 4096 * 4096
        case 7:
            size = 35
            block = strdup(text)
        default: block = malloc(size)
        }
        bytes += UInt64(size)
        allocations += 1
        check(block)
        return block
    }

    private mutating func check(_ block: UnsafeMutableRawPointer?) {
        guard let block else {
            wrong += 1
            return
        }
        let address = UInt(bitPattern: block)
        let usable = UInt(usableSize(block))
        var (start, size) = (UInt(0), 0)
        let inside = address + usable - 1
        let found = alloctap_block_containing(inside, inside > 1 << 22 ? inside - 1 << 22 : 0, &start, &size)
        let isThere = alloctap_block_at(address) != 0 && found == 1 && start == address && size == Int(usable)
        if !isThere { wrong += 1 }
    }

    private mutating func move(_ block: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        if random.below(20) == 0 {
            if realloc(block, Int.max) != nil || reallocarray(block, Int.max, 3) != nil { wrong += 1 }
            check(block)
        }
        let size = size() + 1
        let moved = random.below(2) == 0 ? realloc(block, size) : reallocarray(block, size, 1)
        bytes += UInt64(size)
        allocations += 1
        check(moved)
        return moved!
    }

    mutating func play(_ moves: Int) {
        for _ in 0..<moves {
            let place = random.below(Shadow.places)
            var block = UnsafeMutableRawPointer(
                bitPattern: shadow.blocks[place].exchange(0, ordering: .acquiringAndReleasing))
            switch (block, random.below(3)) {
            case (nil, _): block = allocate()
            case (let some?, 0): block = move(some)
            case (let some?, _):
                check(some)
                free(some)
                block = nil
            }
            // Another thread may have filled the place meanwhile: what it put there is ours to free.
            let other = shadow.blocks[place].exchange(UInt(bitPattern: block), ordering: .acquiringAndReleasing)
            if let other = UnsafeMutableRawPointer(bitPattern: other) { free(other) }
        }
        shadow.bytes.pointee.add(bytes, ordering: .sequentiallyConsistent)
        shadow.allocations.pointee.add(allocations, ordering: .sequentiallyConsistent)
        shadow.wrong.pointee.add(wrong, ordering: .sequentiallyConsistent)
        (bytes, allocations, wrong) = (0, 0, 0)
    }
}

/// Arguments: seed, moves a round, sampling rate.
func randomMix(_ arguments: [String]) {
    let (threads, rounds) = (4, 6)
    let seed = UInt64(arguments[0])!
    let moves = Int(arguments[1])!
    alloctap_set_rate(UInt64(arguments[2])!)
    let shadow = Shadow()
    var (before, after) = (BlockList(capacity: 1 << 20), BlockList(capacity: 1 << 20))
    func awaitAll(_ count: Int) {
        while shadow.arrived.pointee.load(ordering: .sequentiallyConsistent) != count { sched_yield() }
    }
    let started = (0..<threads).map { number in
        thread {
            var player = Player(shadow: shadow, random: SplitMix64(state: seed &+ UInt64(number)))
            for round in 1...rounds {
                shadow.arrived.pointee.add(1, ordering: .sequentiallyConsistent)
                while shadow.phase.pointee.load(ordering: .sequentiallyConsistent) < round { sched_yield() }
                player.play(moves)
            }
            shadow.arrived.pointee.add(1, ordering: .sequentiallyConsistent)
            while shadow.phase.pointee.load(ordering: .sequentiallyConsistent) <= rounds { sched_yield() }
        }
    }
    var (missing, surplus, compared) = (0, 0, 0)
    func compare(after round: Int) {
        shadow.phase.pointee.store(round, ordering: .sequentiallyConsistent)
        awaitAll(threads * (round + 1))
        after.read()
        var live = 0
        for place in 0..<Shadow.places {
            let block = shadow.blocks[place].load(ordering: .sequentiallyConsistent)
            if block == 0 { continue }
            live += 1
            if !after.contains(block) { missing += 1 }
        }
        for index in 0..<before.count where !after.contains(before.addresses[index]) { missing += 1 }
        surplus += after.count - before.count - live
        compared += live
    }
    // The first round is for whatever Swift allocates when something is used for the first time.
    awaitAll(threads)
    before.read()
    compare(after: 1)
    for place in 0..<Shadow.places {
        free(Block(bitPattern: shadow.blocks[place].exchange(0, ordering: .sequentiallyConsistent)))
    }
    shadow.bytes.pointee.store(0, ordering: .sequentiallyConsistent)
    shadow.allocations.pointee.store(0, ordering: .sequentiallyConsistent)
    (missing, surplus, compared) = (0, 0, 0)
    // Nothing but the players allocates between these two readings.
    before.read()
    let totalsBefore = totals()
    for round in 2...rounds { compare(after: round) }
    let totalsAfter = totals()
    var live = 0
    for place in 0..<Shadow.places where shadow.blocks[place].load(ordering: .relaxed) != 0 { live += 1 }
    // The positive control: a block that the shadow does not know.
    let unknown = malloc(77)
    after.read()
    let unexplained = after.count - before.count - live
    free(unknown)
    var sample = alloctap_sample()
    var (liveSamples, deadSamples, marked) = (0, 0, 0)
    for index in 0..<alloctap_sample_limit() where alloctap_read_sample(index, &sample) == 1 {
        liveSamples += 1
        if alloctap_block_at(UInt(sample.address)) != 2 { deadSamples += 1 }
    }
    after.read()
    for index in 0..<after.count where alloctap_block_at(after.addresses[index]) == 2 { marked += 1 }
    report("unexplained_with_control", unexplained)
    report("compared", compared)
    report("missing", missing)
    report("surplus", surplus)
    report("wrong", shadow.wrong.pointee.load(ordering: .relaxed))
    report("live", live)
    report(
        "counted_live", Int(totalsAfter.mallocs - totalsAfter.frees) - Int(totalsBefore.mallocs - totalsBefore.frees))
    report("allocations", shadow.allocations.pointee.load(ordering: .relaxed))
    report("counted_allocations", totalsAfter.mallocs - totalsBefore.mallocs)
    report("bytes", shadow.bytes.pointee.load(ordering: .relaxed))
    report("counted_bytes", totalsAfter.bytes - totalsBefore.bytes)
    report("unknown_frees", totalsAfter.unknown_frees)
    report("samples", totalsAfter.samples - totalsBefore.samples)
    report("live_samples", liveSamples)
    report("dead_samples", deadSamples)
    report("marked_blocks", marked)
    shadow.phase.pointee.store(rounds + 1, ordering: .sequentiallyConsistent)
    for thread in started { pthread_join(thread, nil) }
}

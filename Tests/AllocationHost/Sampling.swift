// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CAllocationTap
import Glibc
import Synchronization

/// Everything sampled, and nothing allocated but what is asked for.
func ownAllocations(_ arguments: [String]) {
    let count = 20_000
    let blocks: UnsafeMutablePointer<UnsafeMutableRawPointer?> = mapped(count)
    alloctap_set_rate(1)
    free(malloc(1))
    let before = totals()
    for index in 0..<count { blocks[index] = malloc(48 + index % 64) }
    let middle = totals()
    blocks[0] = realloc(blocks[0], 5000)
    for index in 0..<count { free(blocks[index]) }
    let after = totals()
    free(malloc(3))  // the positive control
    let control = totals()
    report("allocations", middle.mallocs - before.mallocs)
    report("samples", middle.samples - before.samples)
    report("dropped", middle.dropped_samples - before.dropped_samples)
    report("frees", after.frees - middle.frees)
    report("control", control.mallocs - after.mallocs)
}

// Safe: one thread.
nonisolated(unsafe) private let kept: UnsafeMutablePointer<UnsafeMutableRawPointer?> = mapped(1 << 20)

@inline(never) private func take(_ count: Int, _ size: Int) {
    for index in 0..<count {
        kept[index] = malloc(size)
        if index % 2 == 1 { free(kept[index]) }
    }
    for index in stride(from: 0, to: count, by: 2) { free(kept[index]) }
}

private let amount = 12_000_000
private let sizes = [24, 200, 3000, 20_000, 100_000]

/// Known amounts at five places, in rounds; what is estimated for each, by the return address into this function.
func fiveSites(_ arguments: [String]) {
    let rounds = Int(arguments[1])!
    alloctap_set_rate(UInt64(arguments[0])!)
    for _ in 0..<rounds {
        take(amount / sizes[0], sizes[0])
        take(amount / sizes[1], sizes[1])
        take(amount / sizes[2], sizes[2])
        take(amount / sizes[3], sizes[3])
        take(amount / sizes[4], sizes[4])
    }
    alloctap_set_rate(0)
    struct Place {
        var (bytes, objects, left, samples, classes) = (0.0, 0.0, 0.0, UInt64(0), Set<UInt64>())
    }
    var places: [UInt64: Place] = [:]
    var site = alloctap_site()
    for index in 0..<alloctap_site_limit() where alloctap_read_site(index, &site) == 1 && site.depth > 1 {
        var place = places[site.frames.1] ?? Place()
        place.bytes += Double(site.allocated_bytes)
        place.objects += Double(site.allocated_objects_4096) / 4096
        place.left += Double(site.allocated_bytes) - Double(site.freed_bytes)
        place.samples += site.sampled_allocations
        place.classes.insert(site.size_class)
        places[site.frames.1] = place
    }
    let largest = places.values.sorted { $0.bytes > $1.bytes }.prefix(5).sorted { $0.objects > $1.objects }
    for (size, place) in zip(sizes, largest) {
        let count = amount / size * rounds
        report("bytes_\(size)", place.bytes / Double(count * size))
        report("objects_\(size)", place.objects / Double(count))
        report("samples_\(size)", place.samples)
        report("left_\(size)", place.left)
        report("classes_\(size)", place.classes.count)
    }
}

/// The rate changes while another thread waits and then allocates: it follows at once.
func changedRates(_ arguments: [String]) {
    let turn = Turn()
    let worker = thread {
        for round in 1...3 {
            while turn.now.load(ordering: .acquiring) < round * 2 - 1 { sched_yield() }
            for _ in 0..<100_000 { turn.keep(malloc(1000)) }
            turn.now.store(round * 2, ordering: .releasing)
        }
    }
    for (round, rate) in [(1, UInt64(0)), (2, 10_000), (3, 0)] {
        alloctap_set_rate(rate)
        let before = totals().samples
        turn.now.store(round * 2 - 1, ordering: .releasing)
        while turn.now.load(ordering: .acquiring) < round * 2 { sched_yield() }
        report("samples_\(round)", totals().samples - before)
    }
    pthread_join(worker, nil)
    report("rate", alloctap_rate())
}

private final class Turn: Sendable {
    let now = Atomic<Int>(0)
    let last = Atomic<UInt>(0)
    // Through memory, so that the compiler cannot leave the pair out.
    func keep(_ block: UnsafeMutableRawPointer?) {
        last.store(UInt(bitPattern: block), ordering: .relaxed)
        free(UnsafeMutableRawPointer(bitPattern: last.load(ordering: .relaxed)))
    }
}

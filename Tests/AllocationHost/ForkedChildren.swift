// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CAllocationTap
import Glibc
import Synchronization

private let stop = Atomic<Bool>(false)

/// Other threads allocate while the process forks; each child allocates, samples, starts threads and looks at its map.
func forkedChildren(_ arguments: [String]) {
    alloctap_set_rate(4096)
    let busy = (0..<3).map { number in
        thread {
            var random = SplitMix64(state: UInt64(number))
            while !stop.load(ordering: .relaxed) {
                let block = malloc(random.below(3000))
                let moved = realloc(block, random.below(3000) + 1)
                free(moved)
            }
        }
    }
    var (good, bad) = (0, 0)
    for _ in 0..<Int(arguments[0])! {
        let child = fork()
        if child == 0 {
            alarm(20)
            _exit(isHealthy() ? 0 : 1)
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        if status == 0 { good += 1 } else { bad += 1 }
    }
    stop.store(true, ordering: .relaxed)
    for thread in busy { pthread_join(thread, nil) }
    report("good_children", good)
    report("bad_children", bad)
    report("threads", totals().threads)
}

private func isHealthy() -> Bool {
    let before = totals()
    guard before.threads == 1 else { return false }
    let blocks: UnsafeMutablePointer<UnsafeMutableRawPointer?> = mapped(1000)
    for index in 0..<1000 { blocks[index] = malloc(index) }
    for index in 0..<1000 where alloctap_block_at(UInt(bitPattern: blocks[index])) == 0 { return false }
    let middle = totals()
    guard middle.mallocs == before.mallocs + 1000, middle.samples > before.samples else { return false }
    for _ in 0..<20 { pthread_join(thread { free(malloc(100)) }, nil) }
    guard totals().threads == 1, totals().rows <= 8 else { return false }
    for index in 0..<1000 { free(blocks[index]) }
    for index in 0..<1000 where alloctap_block_at(UInt(bitPattern: blocks[index])) != 0 { return false }
    return true
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CAllocationTap
import CGlibc
import Glibc

/// What there is no memory for: NULL and ENOMEM, and neither a count nor a byte of the map.
func exhaustion(_ arguments: [String]) {
    var passedOn = 0
    func refused(_ block: UnsafeMutableRawPointer?) {
        if block == nil, errno == ENOMEM { passedOn += 1 }
        errno = 0
    }
    refused(nil)
    passedOn = 0
    let before = totals()
    let kept = malloc(100)
    refused(malloc(Int.max))
    refused(malloc(-1))
    refused(calloc(Int.max, 4))
    refused(realloc(kept, Int.max))
    refused(reallocarray(kept, Int.max, 4))
    refused(memalign(64, Int.max - 4096))
    refused(alignedAlloc(64, Int.max - 4095))
    refused(valloc(Int.max - 8192))
    refused(pvalloc(-2))
    var block: UnsafeMutableRawPointer?
    let error = posixMemalign(&block, 64, Int.max - 4096)
    let after = totals()
    report("passed_on", passedOn)
    report("posix_memalign", error == ENOMEM && block == nil ? "ENOMEM" : "\(error)")
    report("bad_alignment", posixMemalign(&block, 3, 8) == EINVAL ? "EINVAL" : "none")
    report("allocations", after.mallocs - before.mallocs)
    report("bytes", after.bytes - before.bytes)
    report("kept", alloctap_block_at(UInt(bitPattern: kept)) != 0)
    free(kept)
    // An allocation that succeeds leaves errno alone, sampled or not.
    alloctap_set_rate(1)
    errno = 77
    let sampled = malloc(1000)
    report("errno_after_sample", errno)
    report("is_sampled", alloctap_block_at(UInt(bitPattern: sampled)) == 2)
    free(sampled)
    report("errno_after_free", errno)
    alloctap_set_rate(0)
    limitedSpace()
}

/// Address space runs out for real, in the middle of the tap's own tables too.
private func limitedSpace() {
    let blocks: UnsafeMutablePointer<UnsafeMutableRawPointer?> = mapped(1 << 22)
    var (limit, pages) = (rlimit(), 0)
    if let file = fopen("/proc/self/statm", "r") {
        var line = [CChar](repeating: 0, count: 128)
        fgets(&line, 128, file)
        fclose(file)
        pages = Int(strtol(&line, nil, 10))
    }
    getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    let unlimited = limit
    limit.rlim_cur = rlim_t(pages * 4096 + 300 << 20)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    let before = totals()
    var count = 0
    errno = 0
    while count < 1 << 22, let block = malloc(4000) {
        blocks[count] = block
        count += 1
    }
    let code = errno
    let middle = totals()
    var restored = unlimited
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &restored)
    for index in 0..<count { free(blocks[index]) }
    let after = totals()
    report("limited_errno", code == ENOMEM ? "ENOMEM" : "\(code)")
    report("limited_blocks", count)
    report("limited_unmapped", middle.unmapped_blocks)
    report("limited_seen", middle.mallocs - before.mallocs + middle.unmapped_blocks - before.unmapped_blocks)
    report("limited_left", Int(after.mallocs - after.frees) - Int(before.mallocs - before.frees))
}

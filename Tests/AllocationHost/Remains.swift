// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Blocks that were full of a pattern are freed, and taken again by each function that allocates: how often the same memory came
/// back, and how many words of the pattern were left in it. The control is of a size that is given out as it is.
func remains(_: [String]) {
    // glibc maps blocks of this size no more once one was freed.
    free(malloc(1 << 20))
    let sizes = Array(stride(from: 24, through: 1000, by: 8)) + [2000, 16_000, 60_000, 120_000]
    let ways: [(name: String, take: (_ size: Int) -> UnsafeMutableRawPointer?)] = [
        ("malloc", { malloc($0) }),
        ("shorter", { malloc($0 - 8) }),
        (
            "realloc",
            { size in
                guard let short = malloc(24) else { return nil }
                memset(short, 0, 24)
                return realloc(short, size)
            }
        ),
        ("aligned_alloc", { aligned_alloc(16, $0 & ~15) }),
        (
            "posix_memalign",
            { size in
                var block: UnsafeMutableRawPointer?
                return posix_memalign(&block, 16, size) == 0 ? block : nil
            }
        ),
    ]
    for (name, take) in ways {
        var counts = (reused: 0, left: 0, written: 0)
        for size in sizes { count(size, take, &counts) }
        report("reused_by_\(name)", counts.reused)
        report("left_by_\(name)", counts.left)
        report("written_by_\(name)", counts.written == sizes.count)
    }
    var control = (reused: 0, left: 0, written: 0)
    count(400_000, { malloc($0) }, &control)
    report("reused_control", control.reused)
    report("left_control", control.left)
}

private let pattern: UInt = 0x5EED_5EED_5EED_5EED

private func count(
    _ size: Int, _ take: (Int) -> UnsafeMutableRawPointer?, _ counts: inout (reused: Int, left: Int, written: Int)
) {
    // So many that every list of the allocator's has some.
    var old = (0..<33).compactMap { _ in malloc(size) }
    // Behind them, so that their memory is not given back to the kernel.
    let guardian = old.removeLast()
    defer { free(guardian) }
    for block in old {
        for offset in stride(from: 0, to: usableSize(block), by: 8) {
            block.storeBytes(of: pattern, toByteOffset: offset, as: UInt.self)
        }
    }
    let addresses = old.map { UInt(bitPattern: $0)..<UInt(bitPattern: $0) + UInt(usableSize($0)) }
    for block in old { free(block) }
    guard let new = take(size) else { return }
    let address = UInt(bitPattern: new)
    if addresses.contains(where: { $0.contains(address) }) { counts.reused += 1 }
    for offset in stride(from: 0, to: usableSize(new), by: 8)
    where new.load(fromByteOffset: offset, as: UInt.self) == pattern {
        counts.left += 1
    }
    // All of it may be used, as Swift's arrays do.
    let last = usableSize(new) - 8
    new.storeBytes(of: pattern, toByteOffset: last, as: UInt.self)
    if new.load(fromByteOffset: last, as: UInt.self) == pattern { counts.written += 1 }
    free(new)
}

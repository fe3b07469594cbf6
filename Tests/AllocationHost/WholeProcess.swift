// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// That nothing goes past the tap: Swift, its concurrency, libdispatch, libraries that come later.
import CAllocationTap
import CGlibc
import Dispatch
import Glibc

private final class Node {
    var next: Node?
    var numbers: [Int]
    init(_ next: Node?, _ count: Int) {
        self.next = next
        numbers = Array(0..<count)
    }
}

/// Holds what the map adds up to against what glibc itself says is in use. For a run with GLIBC_TUNABLES that turn off the thread
/// caches and fast bins, whose blocks glibc counts as used.
func allocatorsOwnCount(_ arguments: [String]) {
    var list: Node?
    var table: [String: [Int]] = [:]
    for index in 0..<20_000 {
        list = Node(list, index % 40)
        table["a key of some length \(index)"] = [index]
    }
    let (done, group) = (DispatchSemaphore(value: 0), DispatchGroup())
    for index in 0..<300 {
        DispatchQueue.global().async(group: group) { _ = String(repeating: "x", count: index) }
    }
    group.wait()
    Task {
        await withTaskGroup(of: Int.self) { group in
            for index in 0..<500 {
                group.addTask {
                    await Task.yield()
                    return index
                }
            }
            for await _ in group {}
        }
        done.signal()
    }
    done.wait()
    var blocks = BlockList(capacity: 1 << 20)
    usleep(50_000)  // idle workers may still be freeing; the test runs this until two readings agree
    var byMap = 0
    func sum() -> Int {
        blocks.read()
        var sum = 0
        for index in 0..<blocks.count {
            sum += usableSize(UnsafeMutableRawPointer(bitPattern: blocks.addresses[index])) + 8
        }
        return sum
    }
    byMap = sum()
    let info = mallinfo2()
    let all = totals()
    let byGlibc = Int(info.uordblks + info.hblkhd)
    report("blocks", blocks.count)
    report("counted_blocks", all.mallocs - all.frees)
    report("by_map", byMap)
    report("by_glibc", byGlibc)
    report("threads", all.threads)
    report("unexplained", byGlibc - byMap)
    // The positive control goes past the tap.
    guard let hidden = mallocOfGlibc(99_992) else { fatalError("no memory") }
    let again = mallinfo2()
    report("unexplained_with_control", Int(again.uordblks + again.hblkhd) - sum())
    report("control_in_map", alloctap_block_at(UInt(bitPattern: hidden)))
    withExtendedLifetime((list, table)) {}
    // A chain of objects is freed by recursion, which need not be tried here.
    fflush(nil)
    _exit(0)
}

/// A library that is loaded later allocates through the tap as well.
func loadedLibrary(_ arguments: [String]) {
    let before = totals()
    let library = dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL)
    report("allocations_by_loader", totals().mallocs - before.mallocs)
    typealias Open = @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>) -> UnsafeMutableRawPointer?
    typealias Close = @convention(c) (UnsafeMutableRawPointer?) -> Int32
    let open = unsafeBitCast(dlsym(library, "gzopen"), to: Open.self)
    let close = unsafeBitCast(dlsym(library, "gzclose"), to: Close.self)
    let file = open("/dev/null", "r")
    report("in_map", alloctap_block_at(UInt(bitPattern: file)) != 0)
    _ = close(file)
    report("in_map_after_close", alloctap_block_at(UInt(bitPattern: file)) != 0)
    if let library { dlclose(library) }
    report("left", Int(totals().mallocs - totals().frees) - Int(before.mallocs - before.frees))
}

@inline(never) private func innermost(_ size: Int) async -> Int {
    await Task.yield()
    let block = malloc(size)
    let sampled = Int(alloctap_block_at(UInt(bitPattern: block)))
    free(block)
    return sampled
}
@inline(never) private func middle(_ size: Int) async -> Int { await innermost(size) + 10 }
@inline(never) private func outermost(_ size: Int) async -> Int { await middle(size) + 100 }

/// An allocation in async code, of a size that nothing else has: are its async callers in its site?
func asyncCallers(_ arguments: [String]) {
    // All of this executable's code passes for async: what is not async has no context, and the walk must bear that too.
    nonisolated(unsafe) let ranges: UnsafeMutablePointer<alloctap_range> = mapped(1)
    let here = UInt64(UInt(bitPattern: #dsohandle))
    ranges[0] = alloctap_range(start: here &- 1 << 20, end: here &+ 1 << 20)
    alloctap_set_async_code(ranges, 1)
    alloctap_set_rate(1)
    let done = DispatchSemaphore(value: 0)
    Task {
        _ = await outermost(77_777)
        done.signal()
    }
    done.wait()
    alloctap_set_rate(0)
    var site = alloctap_site()
    for index in 0..<alloctap_site_limit() where alloctap_read_site(index, &site) == 1 {
        guard site.size_class <= 77_777, site.size_class > 70_000 else { continue }
        report("async_depth", site.async_depth)
        report("async_index", site.async_index)
        report("depth", site.depth)
        report(
            "same_image",
            withUnsafeBytes(of: &site.async_frames) { bytes in
                bytes.bindMemory(to: UInt64.self).prefix(Int(site.async_depth)).filter {
                    $0 > here &- 1 << 20 && $0 < here &+ 1 << 20
                }.count
            })
    }
}

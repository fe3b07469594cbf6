// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import Glibc
import HeapProfile

/// The memory's classes beside what is resident, known bytes beside the heap's figures, and what reading metrics allocates.
enum RuntimeMemory {
    @Sendable static func run() throws {
        let names = RuntimeMetrics.all.map(\.name)
        // Not read anew all the time; see what is said of it there.
        let costly = names.filter { $0.hasPrefix("/memory/classes/") || $0.hasPrefix("/sched/tasks/") }
        allocations(names.filter { !costly.contains($0) })

        let before = RuntimeFigures.Reading()
        let small = (0..<200_000).map { _ in filled(200) }
        let large = (0..<16).map { _ in filled(4 << 20) }
        let door = Door()
        for _ in 0..<30 {
            startThread {
                touchStack(depth: 256)
                door.wait()
            }
        }
        eventually { door.arrived == 30 }
        usleep(400_000)  // longer than a look at the classes is kept
        var after = RuntimeFigures.Reading()
        // Kept for a multiple of what it cost: until the look is of now.
        eventually { () -> Bool in
            after = RuntimeFigures.Reading()
            return after["/memory/classes/heap:bytes"] - before["/memory/classes/heap:bytes"] > 100e6
        }
        report("heap_class_growth", after.growth("/memory/classes/heap:bytes", since: before))
        report("stack_class_growth", after.growth("/memory/classes/stacks:bytes", since: before))
        report("in_use_growth", after.growth("/memory/heap/in-use:bytes", since: before))
        report("mapped_growth", after.growth("/memory/heap/mapped:bytes", since: before))
        report("allocations_growth", after.growth("/memory/heap/allocs:objects", since: before))
        report("bytes_growth", after.growth("/memory/heap/allocs:bytes", since: before))
        report("objects_growth", after.growth("/memory/heap/objects:objects", since: before))
        report("is_tapped", TapRefusal.current == nil)
        let classes = ["heap", "stacks", "files", "image-data", "debug-endpoint", "other"]
        let sum = classes.reduce(0) { $0 + after["/memory/classes/\($1):bytes"] }
        report("classes_sum", sum)
        report("classes_total", after["/memory/classes/total:bytes"])
        report("resident", after["/memory/resident:bytes"])
        report("resident_of_proc", Proc.status("VmRSS") * 1024)
        report("rollup", after["/memory/private-dirty:bytes"])
        door.open()
        for block in small + large { block.deallocate() }
    }

    /// By the tap's counts, which see every allocation of the process; nobody else runs here.
    private static func allocations(_ names: [String]) {
        var samples = names.map { RuntimeMetrics.Sample($0) }
        func count() -> Int { Int(AllocationTotals.read()?.mallocs ?? 0) }
        RuntimeMetrics.read(into: &samples)
        usleep(300_000)  // so that the second reads everything anew, and what the runtime makes once is made
        RuntimeMetrics.read(into: &samples)
        let before = count()
        for _ in 0..<20 {
            usleep(60_000)  // longer than most readings are kept
            RuntimeMetrics.read(into: &samples)
        }
        report("allocations_of_20_reads", count() - before)
        let control = count()
        let block = filled(10)
        report("allocations_of_one_block", count() - control)
        block.deallocate()
    }

    private static func filled(_ size: Int) -> UnsafeMutableRawPointer {
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        memset(block, 1, size)
        return block
    }
}

/// Writes to some 256 KiB of stack: each step has 1000 bytes of its own. The sum keeps the steps from being one.
@inline(never)
@discardableResult
private func touchStack(depth: Int) -> Int {
    withUnsafeTemporaryAllocation(byteCount: 1000, alignment: 16) { bytes in
        _ = memset(bytes.baseAddress!, Int32(depth & 255), bytes.count)
        return Int(bytes[999]) + (depth > 0 ? touchStack(depth: depth - 1) : 0)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Functions that keep memory while test_heap_profile.py looks, and nothing at other times.

import Glibc
import Synchronization

private let pages = Mutex<[[UInt8]]>([])
private let cBlocks = Mutex<[UInt]>([])
private let ofATask = Mutex<[[UInt8]]>([])

/// 60 MB in a function of Swift, 30 MB in C, 30 MB in a task; and four times as much that is not kept.
func hoard() {
    keepPages(60_000)
    keepCBlocks(30_000)
    Task { await outermostHoarder() }
    for _ in 0..<480 { useAndForget() }
}

func giveBack() {
    pages.withLock { $0 = [] }
    cBlocks.withLock { blocks in
        for block in blocks { free(UnsafeMutableRawPointer(bitPattern: block)) }
        blocks = []
    }
    ofATask.withLock { $0 = [] }
}

@inline(never) func keepPages(_ count: Int) {
    pages.withLock { pages in
        for _ in 0..<count { pages.append(onePage()) }
    }
}

@inline(never) func onePage() -> [UInt8] { [UInt8](repeating: 1, count: 1000) }

@inline(never) func keepCBlocks(_ count: Int) {
    cBlocks.withLock { blocks in
        for _ in 0..<count { blocks.append(UInt(bitPattern: calloc(10, 100))) }
    }
}

@inline(never) func outermostHoarder() async {
    for _ in 0..<300 { await innerHoarder() }
}

@inline(never) func innerHoarder() async {
    await Task.yield()
    keepInATask()
}

@inline(never) func keepInATask() {
    ofATask.withLock { $0.append([UInt8](repeating: 1, count: 100_000)) }
}

@inline(never) func useAndForget() {
    var buffer = [UInt8](repeating: 0, count: 1_000_000)
    buffer.withUnsafeMutableBytes { $0[0] = 1 }
}

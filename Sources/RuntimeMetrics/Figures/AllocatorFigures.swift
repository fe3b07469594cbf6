// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CGlibc

/// glibc's allocator, whole process. Source: mallinfo2(3).
///
/// It walks the free lists under each arena's lock, so threads that allocate may wait: microseconds, or milliseconds where the
/// heap is fragmented.
package struct AllocatorFigures: Sendable, Equatable {
    /// Blocks given out, those in threads' caches included.
    package let inUse: UInt64
    package let idle: UInt64
    package let committed: UInt64
    package let mapped: UInt64
    package let releasable: UInt64

    package static func read() -> AllocatorFigures {
        let heap = mallinfo2()
        return AllocatorFigures(
            inUse: UInt64(heap.uordblks &+ heap.hblkhd), idle: UInt64(heap.fordblks),
            committed: UInt64(heap.arena &+ heap.hblkhd), mapped: UInt64(heap.hblkhd),
            releasable: UInt64(heap.keepcost))
    }
}

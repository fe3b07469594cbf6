// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension MetricTable {
    static let heapRows = [
        MetricRow(
            "/memory/heap/in-use:bytes",
            "Bytes of blocks that glibc's allocator has given out, those in threads' caches included.", .allocator,
            .count { $0.allocator?.inUse }),
        MetricRow(
            "/memory/heap/idle:bytes", "Bytes of free blocks that glibc's allocator keeps.", .allocator,
            .count { $0.allocator?.idle }),
        MetricRow(
            "/memory/heap/committed:bytes", "Bytes that glibc's allocator has from the kernel, resident or not.",
            .allocator, .count { $0.allocator?.committed }),
        MetricRow(
            "/memory/heap/mapped:bytes", "Bytes of blocks so large that each is a mapping of its own.", .allocator,
            .count { $0.allocator?.mapped }),
        MetricRow(
            "/memory/heap/releasable:bytes", "Free bytes at the top of the main heap, which a trim gives back.",
            .allocator, .count { $0.allocator?.releasable }),
        MetricRow(
            "/memory/heap/allocs:objects", "Allocations since the process began, counted by the allocation tap.",
            .allocations, .count { $0.allocations?.allocations }, cumulative: true),
        MetricRow(
            "/memory/heap/allocs:bytes", "Bytes asked for since the process began, counted by the allocation tap.",
            .allocations, .count { $0.allocations?.bytes }, cumulative: true),
        MetricRow(
            "/memory/heap/frees:objects", "Blocks freed since the process began, counted by the allocation tap.",
            .allocations, .count { $0.allocations?.frees }, cumulative: true),
        MetricRow(
            "/memory/heap/objects:objects", "Live blocks, counted by the allocation tap.", .allocations,
            .count { $0.allocations?.live }),
    ]
}

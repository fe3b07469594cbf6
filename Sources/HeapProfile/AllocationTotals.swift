// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CAllocationTap

/// Exact counts over all allocations of the process since it began.
package struct AllocationTotals: Sendable, Equatable {
    package let mallocs: UInt64
    /// Never more than `mallocs`.
    package let frees: UInt64
    /// Bytes asked for by all `mallocs`.
    package let bytes: UInt64

    /// Nil where allocations are not seen. Each count is exact; together they are not one instant. Safe from any thread; costs
    /// some nanoseconds for each thread that ever ran at the same time as others.
    package static func read() -> AllocationTotals? {
        guard TapRefusal.current == nil else { return nil }
        var totals = alloctap_totals()
        alloctap_read_totals(&totals)
        return AllocationTotals(mallocs: totals.mallocs, frees: totals.frees, bytes: totals.bytes)
    }
}

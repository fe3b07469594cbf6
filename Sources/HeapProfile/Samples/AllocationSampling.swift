// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CAllocationTap
import Synchronization

/// What the sampling of allocations is told: how often, which code is async, and which threads are the endpoint's.
package enum AllocationSampling {
    /// One sample for each so many bytes allocated, on average; 1 takes every block, 0 none.
    package static let rates = 0...(1 << 32)
    package static let defaultRate = 512 * 1024

    /// Bytes; 0 also where allocations are not seen.
    package static var rate: Int { Int(clamping: alloctap_rate()) }

    /// Takes effect for each thread at its next allocation. Values beyond `rates` are brought into it. Safe from any thread.
    package static func setRate(_ bytes: Int) {
        // The tap wants one at a time.
        lastAsyncCode.withLock { _ in
            alloctap_set_rate(UInt64(min(max(bytes, rates.lowerBound), rates.upperBound)))
        }
    }

    /// Counts what the calling thread allocates from now on as the endpoint's own. Costs some nanoseconds.
    package static func markThreadAsOwn() {
        _ = alloctap_set_own(1)
    }

    /// Counts what `body` allocates on this thread as the endpoint's own, or as the host's, and then goes on as before.
    package static func counting<Result, Failure: Error>(
        asOwn isOwn: Bool, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let before = alloctap_set_own(isOwn ? 1 : 0)
        defer { _ = alloctap_set_own(before) }
        return try body()
    }

    /// From now on, the stacks of allocations in this code go on with those that await it.
    ///
    /// `ranges` must be in order. A list that is no longer than the last one is ignored: code that is unloaded stays known.
    /// What it copies is never given back, 16 bytes a range: threads may be reading the last list. Safe from any thread.
    package static func follow(asyncCode ranges: [Range<UInt>]) {
        guard TapRefusal.current == nil else { return }
        lastAsyncCode.withLock { last in
            guard ranges.count > last else { return }
            last = ranges.count
            let copy = UnsafeMutableBufferPointer<alloctap_range>.allocate(capacity: ranges.count)
            for (index, range) in ranges.enumerated() {
                copy.initializeElement(
                    at: index, to: alloctap_range(start: UInt64(range.lowerBound), end: UInt64(range.upperBound)))
            }
            guard let start = copy.baseAddress else { return }
            alloctap_set_async_code(start, copy.count)
        }
    }

    /// How many ranges the tap was last given; also keeps its settings one at a time.
    private static let lastAsyncCode = Mutex(0)
}

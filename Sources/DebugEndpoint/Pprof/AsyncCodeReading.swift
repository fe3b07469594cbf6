// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import HeapProfile
import MicroHTTP

/// Tells the allocation tap which code is async, before anybody looks: only from then on do the stacks it takes go on with those
/// that await, and what is in use when somebody looks was mostly allocated long before.
///
/// On a thread of its own, so that neither `start` nor an answer waits for it. It reads the symbol tables of all images once,
/// some 20 ms and 2 MB for a small service, which later looks need anyway; then it ends. Modules that are loaded later are
/// added by each look at the profile.
enum AsyncCodeReading {
    /// Once in a process, and only where stacks are taken.
    static func beginOnce() {
        if TapRefusal.current == nil, AllocationSampling.rate > 0 { _ = hasBegun }
    }

    private static let hasBegun = ServiceThread.start("debug-symbols") {
        AllocationSampling.markThreadAsOwn()
        ProcessView.followAsyncCode()
    }
}

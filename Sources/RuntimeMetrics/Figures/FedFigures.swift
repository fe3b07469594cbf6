// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Figures that other modules find. This module knows their shape, so that it can describe them, but not where they come from.

/// Counts of the allocation tap.
package struct AllocationCounts: Sendable, Equatable {
    package var allocations: UInt64
    package var frees: UInt64
    package var bytes: UInt64
    var live: UInt64 { allocations - min(frees, allocations) }

    package init(allocations: UInt64, frees: UInt64, bytes: UInt64) {
        self.allocations = allocations
        self.frees = frees
        self.bytes = bytes
    }
}

/// What resident memory is used for, in bytes. The classes add up to `total`.
package struct MemoryFigures: Sendable, Equatable {
    package var heap: UInt64
    package var stacks: UInt64
    package var files: UInt64
    package var imageData: UInt64
    package var endpoint: UInt64
    package var other: UInt64
    var total: UInt64 { heap &+ stacks &+ files &+ imageData &+ endpoint &+ other }

    package init(
        heap: UInt64, stacks: UInt64, files: UInt64, imageData: UInt64, endpoint: UInt64, other: UInt64
    ) {
        self.heap = heap
        self.stacks = stacks
        self.files = files
        self.imageData = imageData
        self.endpoint = endpoint
        self.other = other
    }
}

/// Swift tasks by state.
package struct TaskCounts: Sendable, Equatable {
    package var running: UInt64
    package var enqueued: UInt64
    package var suspended: UInt64
    var total: UInt64 { running &+ enqueued &+ suspended }

    package init(running: UInt64, enqueued: UInt64, suspended: UInt64) {
        self.running = running
        self.enqueued = enqueued
        self.suspended = suspended
    }
}

/// What leak scans have found and cost.
package struct LeakFigures: Sendable, Equatable {
    /// Of the last scan.
    package var leaked: UInt64
    package var unknown: UInt64
    package var examined: UInt64
    package var pauseSeconds: Double
    /// Of all scans.
    package var scans: UInt64
    package var scannedBytes: UInt64
    package var scanSeconds: Double

    package init(
        leaked: UInt64, unknown: UInt64, examined: UInt64, pauseSeconds: Double, scans: UInt64, scannedBytes: UInt64,
        scanSeconds: Double
    ) {
        self.leaked = leaked
        self.unknown = unknown
        self.examined = examined
        self.pauseSeconds = pauseSeconds
        self.scans = scans
        self.scannedBytes = scannedBytes
        self.scanSeconds = scanSeconds
    }
}

/// Where figures of other modules come from. Each closure may be called on any thread, one at a time, and answers nil for what
/// this process does not have. None may wait for the service.
package struct MetricFeeds: Sendable {
    package var allocations: @Sendable () -> AllocationCounts? = { nil }
    package var memoryClasses: @Sendable () -> MemoryFigures? = { nil }
    package var tasks: @Sendable () -> TaskCounts? = { nil }
    package var leaks: @Sendable () -> LeakFigures? = { nil }

    package init() {}
}

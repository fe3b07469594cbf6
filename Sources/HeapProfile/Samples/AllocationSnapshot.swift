// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CAllocationTap

/// The sampled allocations of the process since it began: how much each stack allocated, and how much of that is in use.
package struct AllocationSnapshot: Sendable {
    /// In the order in which they came up, which never changes.
    package private(set) var sites: [AllocationSite]
    /// Bytes between two samples, on average.
    package let rate: Int
    /// Samples for which the tap had no room.
    package let droppedSamples: UInt64

    package init(sites: [AllocationSite], rate: Int, droppedSamples: UInt64 = 0) {
        self.sites = sites
        self.rate = rate
        self.droppedSamples = droppedSamples
    }

    /// How many sites there are now; nil where allocations are not seen.
    package static var siteCount: Int? {
        TapRefusal.current == nil ? Int(alloctap_site_limit()) : nil
    }

    /// Reads all sites; each is read at a moment of its own. Safe from any thread. Cost: less than 1 µs a site; there are 65 536
    /// at most.
    package static func take() throws(TapRefusal) -> AllocationSnapshot {
        if let refusal = TapRefusal.current { throw refusal }
        let rate = AllocationSampling.rate
        guard rate > 0 else { throw .samplingOff }
        let limit = alloctap_site_limit()
        let site = UnsafeMutablePointer<alloctap_site>.allocate(capacity: 1)
        defer { site.deallocate() }
        var sites: [AllocationSite] = []
        sites.reserveCapacity(Int(limit))
        for index in 0..<limit {
            // One that is being made has its number already, and must keep its place.
            sites.append(alloctap_read_site(index, site) == 1 ? AllocationSite(site) : .unread)
        }
        var totals = alloctap_totals()
        alloctap_read_totals(&totals)
        return AllocationSnapshot(sites: sites, rate: rate, droppedSamples: totals.dropped_samples)
    }

    /// What was allocated since the mark; what is in use stays what it is now.
    package func since(_ mark: AllocationMark) -> AllocationSnapshot {
        var difference = self
        for (index, before) in zip(sites.indices, mark.allocated) {
            difference.sites[index].allocated = sites[index].allocated - before
        }
        return difference
    }
}

/// What had been allocated at some moment by each site, in the order of the tap's numbers.
package struct AllocationMark: Sendable {
    let allocated: [AllocationFigures]

    /// Cost: some 0.1 µs a site, 24 bytes each.
    package static func take() throws(TapRefusal) -> AllocationMark {
        AllocationMark(allocated: try AllocationSnapshot.take().sites.map(\.allocated))
    }
}

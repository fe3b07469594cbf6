// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
package import Profiles

extension AllocationSnapshot {
    /// The sites summed up by stack, size class and owner, for a profile of the kind.
    ///
    /// `kind` has the sample types of ``ProfileKind/heap(rate:defaultSampleType:)`` or ``ProfileKind/sampledHeap(rate:)``.
    /// Samples have the label `bytes`, the size class, and the endpoint's own the label `own`; they are left out unless
    /// `includesOwn`. Frames at the leaf for which `isRuntime` holds are left out; it is asked once for each address.
    package func table(
        _ kind: ProfileKind, includesOwn: Bool = false, isRuntime: (UInt) -> Bool
    ) -> SampleTable {
        var table = SampleTable(kind)
        var answers: [UInt: Bool] = [:]
        func isKnownRuntime(_ address: UInt) -> Bool {
            if let answer = answers[address] { return answer }
            let answer = isRuntime(address)
            answers[address] = answer
            return answer
        }
        for site in sites where includesOwn || !site.isOwn {
            guard site.allocated.samples > 0 || site.inUse.samples > 0 else { continue }
            var labels = [Label("bytes", Int64(clamping: site.sizeClass), unit: "bytes")]
            if site.isOwn { labels.append(Label("own", "debug-endpoint")) }
            table.add(
                Array(AllocationRuntime.trimmed(site.stack, isRuntime: isKnownRuntime)), site.values, labels: labels)
        }
        return table
    }

    /// What whoever reads the profile should know.
    package var comments: [String] {
        droppedSamples > 0 ? ["\(droppedSamples) samples found no room and are missing"] : []
    }
}

extension AllocationSite {
    /// As many as the longer kind has; the other kind takes the first four.
    fileprivate var values: [Int64] {
        [
            allocated.objects, allocated.bytes, inUse.objects, inUse.bytes,
            allocated.samples, allocated.sampledBytes, inUse.samples, inUse.sampledBytes,
        ].map { Int64(clamping: $0) }
    }
}

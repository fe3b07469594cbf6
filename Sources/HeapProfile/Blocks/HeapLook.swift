// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
private import CAllocationTap

/// One look at the heap and at what is resident: a census, the memory's classes, and names, in that order.
package struct HeapLook {
    /// What HeapProfile cannot find out itself.
    package struct Sources: Sendable {
        let read: MemoryReader
        let stacks: @Sendable () -> MemoryLook.Stacks?
        let demangle: @Sendable (String) -> String?

        /// - Parameter demangle: nil for what is no mangled name.
        package init(
            read: @escaping MemoryReader, stacks: @escaping @Sendable () -> MemoryLook.Stacks?,
            demangle: @escaping @Sendable (String) -> String?
        ) {
            self.read = read
            self.stacks = stacks
            self.demangle = demangle
        }
    }

    /// Why there is no census in this process; nil when there is.
    package static var refusal: String? { TapRefusal.current?.description }

    /// How many blocks live now, by the tap's counts. Cost: one read for each thread.
    package static var liveBlocks: UInt64 {
        var totals = alloctap_totals()
        alloctap_read_totals(&totals)
        return totals.mallocs - min(totals.frees, totals.mallocs)
    }

    /// Takes a snapshot. Nil when `isCancelled` said so or there is no memory for a look.
    ///
    /// Stops nobody and takes no lock but, once everything is counted, the runtime's for names. Cost: see ``BlockCensus``.
    package static func take(id: UInt64, _ sources: Sources, isCancelled: () -> Bool) -> HeapSnapshot? {
        let start = ContinuousClock.now
        let surroundings = BlockCensus.Surroundings(MappedArea.current(), sources.read)
        guard let counts = BlockCensus.take(surroundings, isCancelled: isCancelled), !isCancelled() else { return nil }
        let memory = memory(counts, sources)
        let names = HeapTypeNames(read: sources.read, demangle: sources.demangle)
        return HeapSnapshot(
            id: id, taken: start, duration: ContinuousClock.now - start, counts, memory: memory, name: names.name)
    }

    /// The memory's classes; without a census, live and retained blocks are not told apart. Nil when /proc cannot be read.
    package static func memory(_ counts: BlockCounts?, _ sources: Sources) -> MemoryClasses? {
        MemoryLook.take(counts, stacks: sources.stacks(), read: sources.read)
    }
}

extension BlockCensus.Surroundings {
    package init(_ areas: [MappedArea], _ read: @escaping MemoryReader) {
        var images: [Range<UInt>] = []
        var previous: MappedArea?
        for area in areas {
            // The zeroed part of an image's data follows the part that comes from its file; the runtime has a pool there.
            let isBehindImage =
                area.isAnonymous && previous?.isFile == true
                && previous?.range.upperBound == area.range.lowerBound
            if area.isFile && !area.isShared && area.isReadable || isBehindImage { images.append(area.range) }
            previous = area
        }
        let heap = areas.filter(\.isBrkHeap).map(\.range)
        let brk = (heap.first?.lowerBound ?? 0)..<(heap.last?.upperBound ?? 0)
        self.init(
            read: read, images: AddressRanges(images),
            mapped: AddressRanges(areas.filter(\.isReadable).map(\.range)), brk: brk)
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
private import CAllocationTap
private import Glibc

/// One look at what is resident. Reads /proc and the records of the allocator; takes no lock of the process, so that it answers
/// while a thread is stuck inside malloc.
package struct MemoryLook {
    /// The stacks of threads, as far as they are known.
    package struct Stacks: Sendable {
        package var living: [Range<UInt>]
        /// Kept by glibc for new threads.
        package var ended: [Range<UInt>]

        package init(living: [Range<UInt>], ended: [Range<UInt>]) {
            self.living = living
            self.ended = ended
        }
    }

    /// Nil when /proc cannot be read.
    ///
    /// Cost: some 10 µs a mapping and 50 ns a page. `counts` are of a census just taken, nil without a tap.
    package static func take(
        _ counts: BlockCounts?, stacks: Stacks?, read: @escaping MemoryReader
    ) -> MemoryClasses? {
        guard let present = PresentPages(), let (resident, anonymous) = residentBytes() else { return nil }
        var areas = MappedArea.current()
        guard !areas.isEmpty else { return nil }
        let found = areas.map { $0.isReadable ? present.count($0.range) : PresentPages.Count() }
        let withoutZeros = isNearer(
            found.reduce(0) { $0 &+ $1.ours }, than: found.reduce(0) { $0 &+ $1.anonymous }, to: anonymous)
        for index in areas.indices {
            areas[index].anonymous = withoutZeros ? found[index].ours : found[index].anonymous
            areas[index].resident = found[index].ofFiles + areas[index].anonymous
        }
        let heaps = GlibcHeap.find(areas, WordReader(read: read))
        var look = MemoryLook(areas: areas, heaps: heaps, counts: counts, present: present)
        look.withoutZeros = withoutZeros
        look.classes.resident = resident
        look.addAreas()
        look.addStacks(stacks)
        look.addTables()
        if counts == nil {
            let known = AddressRanges(look.taken + heaps.map(\.range))
            look.mappedBlocks = MappedBlocks.find(areas, outside: known, WordReader(read: read))
        }
        look.addAllocator(isGlibc: counts == nil || alloctap_is_glibc() != 0)
        look.classes.balance(lag: counterLag)
        return look.classes
    }

    private let areas: [MappedArea]
    private let heaps: [GlibcHeap]
    private let counts: BlockCounts?
    private let present: PresentPages
    /// Known without a census, which counts them with all others.
    private var mappedBlocks: [Range<UInt>] = []
    private var withoutZeros = true
    private var classes = MemoryClasses()
    /// Anonymous memory that has a class already, for allocators of which no more is known than where their blocks are.
    private var taken: [Range<UInt>] = []

    /// The page of zeros and what a forked child shares look alike; the kernel counts only the latter.
    static func isNearer(_ sum: UInt, than other: UInt, to known: UInt) -> Bool {
        max(sum, known) - min(sum, known) <= max(other, known) - min(other, known)
    }

    /// As the kernel counts it, so that classes add up to what other tools show. Source: proc(5), `/proc/self/statm`.
    private static func residentBytes() -> (all: UInt, anonymous: UInt)? {
        guard let text = SmallFile.bytes("/proc/self/statm") else { return nil }
        let figures = text.split(separator: UInt8(ascii: " "))
        guard figures.count > 2, let pages = UInt(String(decoding: figures[1], as: UTF8.self)),
            let shared = UInt(String(decoding: figures[2], as: UTF8.self))
        else { return nil }
        let size = UInt(sysconf(Int32(_SC_PAGESIZE)))
        return (pages &* size, (pages - min(shared, pages)) &* size)
    }

    /// Each processor gathers so many pages of each of three kinds before it tells the process's counters. Source: Linux,
    /// lib/percpu_counter.c.
    private static let counterLag: UInt = {
        let processors = UInt(max(1, sysconf(Int32(_SC_NPROCESSORS_CONF))))
        return 3 * processors * max(32, 2 * processors) * UInt(sysconf(Int32(_SC_PAGESIZE)))
    }()

    private init(areas: [MappedArea], heaps: [GlibcHeap], counts: BlockCounts?, present: PresentPages) {
        self.present = present
        self.areas = areas
        self.heaps = heaps
        self.counts = counts
    }

    private mutating func addAreas() {
        var previous: MappedArea?
        for area in areas {
            classes.mapped &+= area.range.upperBound - area.range.lowerBound
            if area.isFile || area.isShared {
                let written = area.isShared ? 0 : min(area.anonymous, area.resident)
                classes.files &+= area.resident - written
                classes.imageData &+= written
            } else if area.name == "[stack]" {
                classes.stacks &+= area.resident
            } else if area.isAnonymous, let previous, previous.isImageData,
                previous.range.upperBound == area.range.lowerBound, !mayBeAllocators(area)
            {
                // The zeroed part of an image's data follows the part that comes from its file.
                classes.imageData &+= area.resident
                taken.append(area.range)
            }
            previous = area
        }
    }

    /// A library's last page may touch what another allocator or glibc mapped.
    private func mayBeAllocators(_ area: MappedArea) -> Bool {
        counts?.mappings.ranges.contains { $0.overlaps(area.range) } ?? false
    }

    private mutating func addStacks(_ stacks: Stacks?) {
        guard let stacks else { return }
        // The main thread's is counted by its name.
        let main = areas.first { $0.name == "[stack]" }?.range ?? 0..<0
        classes.stacks &+= residentOfStacks(stacks.living.filter { !$0.overlaps(main) })
        let ended = residentOfStacks(stacks.ended)
        classes.stacks &+= ended
        classes.endedStacks = ended
        taken += stacks.living + stacks.ended
    }

    private mutating func addTables() {
        var index = 0
        var mapping = alloctap_mapping()
        var tables: [Range<UInt>] = []
        while alloctap_own_mapping(index, &mapping) != 0 {
            if mapping.size > 0, mapping.start <= UInt.max - UInt(mapping.size) {
                tables.append(mapping.start..<mapping.start + UInt(mapping.size))
            }
            index += 1
        }
        classes.endpoint = resident(tables)
        taken += tables
    }

    /// A stack is a mapping of its own, or two with its guard, whose pages have been counted already.
    private func residentOfStacks(_ stacks: [Range<UInt>]) -> UInt {
        AddressRanges(stacks).ranges.reduce(0) { sum, stack in
            var index = areas.partitioningIndex { $0.range.upperBound > stack.lowerBound }
            var counted: UInt = 0
            while index < areas.count, areas[index].range.lowerBound < stack.upperBound {
                let area = areas[index]
                // Somebody else's memory touches it: only what is in the stack counts.
                if area.range.clamped(to: stack) != area.range { return sum &+ resident([stack]) }
                counted &+= area.resident
                index += 1
            }
            return sum &+ counted
        }
    }

    /// How much of the ranges is in memory.
    private func resident(_ ranges: [Range<UInt>]) -> UInt {
        AddressRanges(ranges).ranges.reduce(0) { sum, range in
            let count = present.count(range)
            return sum &+ count.ofFiles &+ (withoutZeros ? count.ours : count.anonymous)
        }
    }

    private mutating func addAllocator(isGlibc: Bool) {
        guard isGlibc else { return addUnknownAllocator() }
        var arenas = [mainArena()].compactMap { $0 }
        var overhead = counts?.headerBytes ?? 0
        for (record, heaps) in Dictionary(grouping: heaps, by: \.arena) {
            let resident = resident(heaps.map(\.range))
            let places = heaps.compactMap { counts?.threadHeaps[$0.range.lowerBound >> 26] }
            let live = places.reduce(0) { $0 &+ $1.bytes }
            let headers = places.reduce(0) { $0 &+ $1.headerBytes }
            // The arena's record, of some 2.2 KiB, and a heap's.
            let records = min(2304 &+ 64 &* UInt(heaps.count), resident)
            overhead &+= counts == nil ? 0 : records
            let used = live &+ headers &+ records
            arenas.append(
                MemoryClasses.Arena(
                    name: "0x" + String(record, radix: 16), resident: resident, live: counts.map { _ in live },
                    retained: counts.map { _ in resident > used ? resident - used : 0 }))
        }
        arenas.sort { ($0.resident, $1.name) > ($1.resident, $0.name) }
        classes.arenas = arenas
        if let counts {
            classes.live = counts.residentBytes
            classes.liveNotResident = counts.bytes - min(counts.residentBytes, counts.bytes)
            classes.retained = arenas.reduce(0) { $0 &+ ($1.retained ?? 0) }
            classes.overhead = overhead
        } else {
            classes.allocator = arenas.reduce(0) { $0 &+ $1.resident } &+ resident(mappedBlocks)
        }
    }

    private func mainArena() -> MemoryClasses.Arena? {
        let heap = areas.filter(\.isBrkHeap)
        guard !heap.isEmpty else { return nil }
        let resident = heap.reduce(0) { $0 &+ $1.resident }
        let used = (counts?.mainArena.bytes ?? 0) &+ (counts?.mainArena.headerBytes ?? 0)
        return MemoryClasses.Arena(
            name: "main", resident: resident, live: counts?.mainArena.bytes,
            retained: counts.map { _ in resident > used ? resident - used : 0 })
    }

    /// All anonymous memory of mappings with blocks in them, but for what has a class.
    private mutating func addUnknownAllocator() {
        let blocks = counts?.mappings.ranges ?? []
        let others = AddressRanges(taken)
        let allocators = areas.filter { area in
            !area.isFile && !area.isShared && area.resident > 0 && blocks.contains { $0.overlaps(area.range) }
        }
        let both = allocators.map { area in
            others.ranges.filter { $0.overlaps(area.range) }.map { $0.clamped(to: area.range) }
        }
        classes.allocator = zip(allocators, both).reduce(0) { sum, pair in
            sum &+ pair.0.resident &- min(resident(pair.1), pair.0.resident)
        }
    }
}

extension MappedArea {
    fileprivate var isImageData: Bool { isFile && !isShared && isWritable }
}

extension [MappedArea] {
    /// The first index whose element satisfies what all after it satisfy too.
    fileprivate func partitioningIndex(where isBehind: (MappedArea) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

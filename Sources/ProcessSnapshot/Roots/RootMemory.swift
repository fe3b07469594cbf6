// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Which memory is a root: all that can be written to and is neither heap nor stack nor our own.
package enum RootMemory {
    /// Also what was written and is protected now.
    private static func isRoot(_ mapping: MemoryMap.Mapping) -> Bool {
        guard mapping.isReadable else { return false }
        return mapping.isWritable || !mapping.isShared && !mapping.isFile && !mapping.name.hasPrefix("[v")
    }

    /// Private writable memory without a file, where heaps and stacks may lie.
    package static func anonymous(_ map: MemoryMap) -> [Range<UInt>] {
        map.mappings.filter {
            $0.isWritable && !$0.isShared && !$0.isFile && $0.name != "[heap]" && $0.name != "[stack]"
        }
        .map(\.range)
    }

    /// The writable data of the C library, and what follows it directly without a file.
    package static func dataOfLibc(_ map: MemoryMap) -> [Range<UInt>] {
        map.mappings.indices.filter {
            let mapping = map.mappings[$0]
            return mapping.isWritable && mapping.isFile && mapping.isOfLibc
        }.map { map.mappings[$0].range }
    }

    /// The writable data of the loader, and what follows it directly without a file. It remembers places on the stack of its
    /// own beginnings, which are others' by now, and no program has it keep any.
    package static func dataOfLoader(_ map: MemoryMap) -> [Range<UInt>] {
        map.mappings.indices.flatMap { index -> [Range<UInt>] in
            let mapping = map.mappings[index]
            guard mapping.isWritable, mapping.isFile, mapping.name.split(separator: "/").last?.hasPrefix("ld-") == true
            else { return [] }
            let next = index + 1 < map.mappings.count ? map.mappings[index + 1] : mapping
            let follows = next.range.lowerBound == mapping.range.upperBound && next.isWritable && next.name.isEmpty
            return follows ? [mapping.range, next.range] : [mapping.range]
        }
    }

    /// The heap that brk(2) extends.
    package static func brkHeap(_ map: MemoryMap) -> [Range<UInt>] {
        map.mappings.filter { $0.name == "[heap]" }.map(\.range)
    }

    /// The parts of writable mappings outside of `excluded` that have content. What other processes may share is returned
    /// whole: the kernel does not tell what of it has content.
    package static func ranges(_ map: MemoryMap, excluding excluded: [Range<UInt>]) -> [Range<UInt>] {
        let resident = ResidentPages()
        let holes = excluded.sorted { $0.lowerBound < $1.lowerBound }
        var ranges: [Range<UInt>] = []
        for mapping in map.mappings where isRoot(mapping) {
            for part in subtract(holes, from: mapping.range) {
                if mapping.isShared || resident == nil || part.count < 4096 {
                    ranges.append(part)
                } else {
                    let pages = part.lowerBound & ~4095..<(part.upperBound + 4095) & ~4095
                    resident?.forEachRun(in: pages) { ranges.append($0.clamped(to: part)) }
                }
            }
        }
        return ranges.filter { !$0.isEmpty }
    }

    /// The parts of `range` that have content.
    package static func resident(in range: Range<UInt>) -> [Range<UInt>] {
        guard let resident = ResidentPages() else { return [range] }
        var runs: [Range<UInt>] = []
        resident.forEachRun(in: range.lowerBound & ~4095..<(range.upperBound + 4095) & ~4095) {
            runs.append($0.clamped(to: range))
        }
        return runs
    }

    /// What of `range` lies in `ranges`, which are in order.
    package static func parts(of range: Range<UInt>, in ranges: [Range<UInt>]) -> [Range<UInt>] {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= range.lowerBound { low = middle + 1 } else { high = middle }
        }
        return ranges[low...].prefix { $0.lowerBound < range.upperBound }.map { $0.clamped(to: range) }
    }

    /// What is left of `range` without `holes`, which are in order and may overlap.
    static func subtract(_ holes: [Range<UInt>], from range: Range<UInt>) -> [Range<UInt>] {
        var low = 0
        var high = holes.count
        // The holes are in order of where they begin; one that begins long before may still reach in.
        while low < high {
            let middle = (low + high) / 2
            if holes[middle].lowerBound < range.lowerBound { low = middle + 1 } else { high = middle }
        }
        var parts: [Range<UInt>] = []
        var next = range.lowerBound
        for hole in holes[..<low] where hole.upperBound > next { next = min(hole.upperBound, range.upperBound) }
        for hole in holes[low...] {
            if hole.lowerBound >= range.upperBound { break }
            if hole.lowerBound > next { parts.append(next..<hole.lowerBound) }
            next = max(next, min(hole.upperBound, range.upperBound))
        }
        if next < range.upperBound { parts.append(next..<range.upperBound) }
        return parts
    }
}

extension MemoryMap {
    /// The C library's functions that make a system call keep nothing but what they were given.
    func isCodeOfLibc(_ address: UInt) -> Bool {
        self[address].map { $0.isExecutable && $0.isOfLibc } ?? false
    }
}

extension MemoryMap.Mapping {
    fileprivate var isOfLibc: Bool {
        guard let name = name.split(separator: "/").last else { return false }
        return name.hasPrefix("libc.so") || name.hasPrefix("libc-")
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Finds tasks by their first word in all private writable memory that no file stands behind.
///
/// Stops nobody and takes no lock. Cost: a copy of that memory at some 5 GB/s, as much at a time as a processor's cache holds. Pages
/// without content are left out, and those of which it is known that only smaller things begin there. What it finds are candidates:
/// memory changes meanwhile, so ``TaskReader`` looks at each again.
struct TaskScan {
    let layout: TaskLayout
    /// Our own copies.
    let excluded: [Range<UInt>]
    /// Whether something of so many bytes may begin there; asked for one page at a time, which is read only then.
    let hasRoom: (Range<UInt>, Int) -> Bool

    /// Addresses of what looks like a live task, in order; nil when there is no memory for a copy.
    func candidates(_ map: MemoryMap) -> [UInt]? {
        guard let chunk = PrivatePages(count: Self.chunkSize) else { return nil }
        let excluded = excluded + [chunk.range]
        let resident = ResidentPages()
        var found: [UInt] = []
        for mapping in map.mappings where Self.mayHoldTasks(mapping) {
            for part in Self.subtract(excluded, from: mapping.range) {
                if let resident {
                    guard part.count <= Self.longestMapping else { continue }
                    resident.forEachRun(in: part) { scanPages(of: $0, chunk, &found) }
                } else if part.count <= Self.longestUnknown {
                    scanPages(of: part, chunk, &found)
                }
            }
        }
        return found
    }

    private static let chunkSize = 128 << 10
    /// 2^26 pages, of which the kernel tells 500 million a second. What is longer is a reservation, such as a sanitizer's.
    private static let longestMapping = 1 << 38
    /// Without knowing the pages that have content, reading others would make the kernel provide for them.
    private static let longestUnknown = 1 << 30

    static func mayHoldTasks(_ mapping: MemoryMap.Mapping) -> Bool {
        mapping.isReadable && mapping.isWritable && !mapping.isShared && !mapping.isFile
            && (mapping.name.isEmpty || mapping.name == "[heap]" || mapping.name.hasPrefix("[anon"))
    }

    /// What is left of `range`, in order.
    static func subtract(_ excluded: [Range<UInt>], from range: Range<UInt>) -> [Range<UInt>] {
        var parts = [range]
        for hole in excluded {
            parts = parts.flatMap { part -> [Range<UInt>] in
                guard part.overlaps(hole) else { return [part] }
                return [
                    part.lowerBound..<max(part.lowerBound, hole.lowerBound),
                    min(part.upperBound, hole.upperBound)..<part.upperBound,
                ].filter { !$0.isEmpty }
            }
        }
        return parts
    }

    private func scanPages(of range: Range<UInt>, _ chunk: borrowing PrivatePages, _ found: inout [UInt]) {
        var (start, page) = (range.lowerBound, range.lowerBound)
        while page < range.upperBound {
            let end = min(range.upperBound, (page | 4095) + 1)
            if !hasRoom(page..<end, TaskLayout.Task.size) {
                scan(start..<page, chunk, &found)
                start = end
            }
            page = end
        }
        scan(start..<page, chunk, &found)
    }

    private func scan(_ range: Range<UInt>, _ chunk: borrowing PrivatePages, _ found: inout [UInt]) {
        var address = range.lowerBound
        while address < range.upperBound {
            let wanted = min(Self.chunkSize, Int(range.upperBound - address))
            let copy = UnsafeMutableRawBufferPointer(start: chunk.start, count: wanted)
            let got = ProcessMemory.read(address, into: copy)
            search(UnsafeRawBufferPointer(rebasing: copy[..<got]), at: address, &found)
            if got < wanted { return }  // unmapped meanwhile
            address += UInt(wanted)
        }
    }

    private func search(_ copy: UnsafeRawBufferPointer, at address: UInt, _ found: inout [UInt]) {
        // Tasks are 16-aligned: malloc and the task allocator give nothing less.
        let words = copy.assumingMemoryBound(to: UInt.self)
        let metadata = layout.taskMetadata
        var index = 0
        while index < words.count {
            if words[index] == metadata, looksAlive(words, index) { found.append(address + UInt(index) * 8) }
            index += 2
        }
    }

    /// Whether the words from `index` on may be a live task, as far as they are in this copy.
    private func looksAlive(_ words: UnsafeBufferPointer<UInt>, _ index: Int) -> Bool {
        let flags = index + Int(TaskLayout.Task.jobFlags) / 8
        let mutexKind = index + Int(TaskLayout.Task.mutexKind) / 8
        if flags < words.count, words[flags] & 0xff != 0 { return false }
        if mutexKind < words.count, UInt32(truncatingIfNeeded: words[mutexKind]) != TaskLayout.liveMutexKind {
            return false
        }
        return true
    }
}

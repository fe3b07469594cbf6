// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// The images of this process and, as they are asked for, their symbol tables. Not safe for threads: its owner has a lock.
struct ImageTable {
    /// What is known of an image.
    struct Entry {
        let image: LoadedImage
        /// Address in memory = address in the file + this, wrapping.
        let bias: UInt
        /// Nil when the file cannot be read any more.
        let file: ImageFile?
        fileprivate let source: MappedFile
    }

    private(set) var entries: [Entry] = []
    /// Beside `entries`, and apart from each other, so that a table's names change in place.
    private var isRead: [Bool] = []
    private var tables: [SymbolTable?] = []
    /// All code, in order of address.
    private var code: [(range: Range<UInt>, entry: Int)] = []
    private var mappings: [ImageMapping] = []
    private var asyncRanges: [Range<UInt>]?
    private var lastRefresh: UInt64?
    private var cost: UInt64 = 0
    private var inVain = 0

    /// Reads the memory map again if that is due: after a second, or, when `somethingIsUnknown`, at once, so that a module that
    /// was just loaded is found. Unless that was in vain eight times in this second; then after 20 times what it cost, so that
    /// addresses that belong to no module take 5 % of the time at most.
    ///
    /// Returns whether an image has gone, so that what was known of its addresses is void.
    mutating func refresh(somethingIsUnknown: Bool = false) -> Bool {
        let now = Self.nanoseconds()
        if let lastRefresh {
            let isOld = now &- lastRefresh >= 1_000_000_000
            let isWanted = somethingIsUnknown && (inVain < 8 || now &- lastRefresh >= cost &* 20)
            guard isOld || isWanted else { return false }
            inVain = isOld ? 0 : inVain + 1
        }
        let current = ImageMapping.current()
        defer {
            lastRefresh = Self.nanoseconds()
            cost = (lastRefresh ?? now) &- now
        }
        if current == mappings { return false }
        inVain = 0
        mappings = current
        return replaceEntries(current)
    }

    private typealias Known = (entry: Entry, isRead: Bool, table: SymbolTable?)

    private mutating func replaceEntries(_ mappings: [ImageMapping]) -> Bool {
        var known: [MappedFile: [Known]] = [:]
        for (index, entry) in entries.enumerated() {
            known[entry.source, default: []].append((entry, isRead[index], tables[index]))
        }
        let executable = Self.executablePath()
        var new: [Known] = []
        for source in MappedFile.all(in: mappings) {
            if let same = known.removeValue(forKey: source) {
                new += same
            } else {
                for (image, bias, file) in source.images(isExecutable: source.file.path == executable) {
                    new.append((Entry(image: image, bias: bias, file: file, source: source), false, nil))
                }
            }
        }
        new.sort { $0.entry.image.base < $1.entry.image.base }
        entries = new.map(\.entry)
        isRead = new.map(\.isRead)
        tables = new.map(\.table)
        code = entries.enumerated().flatMap { index, entry in entry.image.code.map { ($0.range, index) } }
        code.sort { $0.range.lowerBound < $1.range.lowerBound }
        asyncRanges = nil
        return !known.isEmpty
    }

    private func index(at address: UInt) -> Int? {
        var low = 0
        var high = code.count
        while low < high {
            let middle = (low + high) / 2
            if code[middle].range.upperBound <= address { low = middle + 1 } else { high = middle }
        }
        return low < code.count && code[low].range.contains(address) ? code[low].entry : nil
    }

    /// Whether there is code at `address`. Cost: a binary search.
    func hasCode(at address: UInt) -> Bool { index(at: address) != nil }

    /// The image that has code at `address`. Cost: a binary search.
    func entry(at address: UInt) -> Entry? { index(at: address).map { entries[$0] } }

    /// The image that has `address` in one of its segments, code or data. Cost: linear.
    func entry(containing address: UInt) -> Entry? {
        entries.first { entry in
            let offset = UInt64(address &- entry.bias)
            return entry.file?.header.segments.contains { segment in
                segment.type == ElfHeader.Segment.load && offset >= segment.address
                    && offset - segment.address < segment.memorySize
            } ?? false
        }
    }

    /// The function that has `address`.
    mutating func function(at address: UInt) -> FunctionSymbol? {
        guard let index = index(at: address) else { return nil }
        readSymbols(index)
        let bias = entries[index].bias
        guard let (name, start) = tables[index]?.function(at: UInt64(address &- bias)) else { return nil }
        return FunctionSymbol(name: name, start: UInt(start) &+ bias, image: entries[index].image.path)
    }

    /// The variable that has `address`, of those whose type has to do with `Task`; data lie behind the code of their image.
    mutating func taskVariable(at address: UInt) -> (name: String, start: UInt)? {
        guard let index = code.last(where: { $0.range.lowerBound <= address })?.entry else { return nil }
        readSymbols(index)
        let bias = entries[index].bias
        return tables[index]?.taskVariable(at: UInt64(address &- bias)).map { ($0.name, UInt($0.start) &+ bias) }
    }

    private mutating func readSymbols(_ index: Int) {
        guard !isRead[index] else { return }
        tables[index] = entries[index].file.flatMap { SymbolTable($0) }
        isRead[index] = true
    }

    /// The code of async functions, in order, over all images.
    mutating func asyncCode() -> [Range<UInt>] {
        if let asyncRanges { return asyncRanges }
        var ranges: [Range<UInt>] = []
        for index in entries.indices {
            readSymbols(index)
            let bias = entries[index].bias
            for range in tables[index]?.asyncCode ?? [] {
                let start = UInt(range.lowerBound) &+ bias
                let (end, overflow) = start.addingReportingOverflow(UInt(range.upperBound - range.lowerBound))
                if !overflow { ranges.append(start..<end) }
            }
        }
        ranges.sort { $0.lowerBound < $1.lowerBound }
        asyncRanges = ranges
        return ranges
    }

    private static func executablePath() -> String {
        let text = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, length in
            let base = UnsafeMutableRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self)
            length = base.map { max(readlink("/proc/self/exe", $0, buffer.count), 0) } ?? 0
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

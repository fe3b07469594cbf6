// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A section of a file, read through a window.
///
/// Neighbouring look-ups need one read; the memory it takes is that of the largest thing parsed in one go.
final class SectionReader {
    private let file: OpenFile
    private let offset: UInt64
    let size: UInt64
    private var window: [UInt8] = []
    private var windowStart: UInt64 = 0
    private static let windowSize: UInt64 = 1 << 16
    private static let largest: UInt64 = 1 << 29

    init?(_ section: ElfSections.Section?, in file: OpenFile) {
        guard let section else { return nil }
        self.file = file
        offset = section.offset
        size = section.size
    }

    /// Runs `body` on a cursor over what is at `place`, again with more bytes if it ran out of them and there are more.
    ///
    /// Positions of the cursor count from `place`. Nil when even the whole rest of the section was too short.
    func parse<Result>(at place: UInt64, atLeast count: UInt64 = 0, _ body: (inout ByteCursor) -> Result) -> Result? {
        guard place < size else { return nil }
        var wanted = max(count, 256)
        while true {
            let available = min(wanted, size - place)
            guard available <= Self.largest, load(place, available) else { return nil }
            let (result, failed) = window.withUnsafeBytes { bytes in
                var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: bytes[Int(place - windowStart)...]))
                return (body(&cursor), cursor.failed)
            }
            if !failed { return result }
            let seen = windowStart + UInt64(window.count) - place
            if seen >= size - place { return nil }
            wanted = seen * 8
        }
    }

    func text(at place: UInt64) -> String? {
        parse(at: place) { String(decoding: $0.text(), as: UTF8.self) }
    }

    /// Gives back what a large parse took.
    func forget() {
        if window.count > 4 * Int(Self.windowSize) { window = [] }
    }

    private func load(_ place: UInt64, _ count: UInt64) -> Bool {
        if place >= windowStart, place + count <= windowStart + UInt64(window.count) { return true }
        let length = min(max(count, Self.windowSize), size - place)
        window = file.bytes(at: offset &+ place, atMost: Int(length))
        windowStart = place
        return UInt64(window.count) >= count
    }
}

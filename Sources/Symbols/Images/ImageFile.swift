// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Where the contents of a loaded image can be read: its file, or memory for the kernel's vdso.
///
/// Immutable; the file is open only while it is read, so that the host sees no descriptors of ours.
struct ImageFile: Hashable, Sendable {
    /// What to open; /proc/self/exe for the executable, which stays readable when its file is replaced or deleted.
    let path: String
    private let origin: UInt64
    /// Nil for memory.
    private let identity: FileIdentity?
    let header: ElfHeader
    let buildID: [UInt8]

    func hash(into hasher: inout Hasher) {
        hasher.combine(path)
        hasher.combine(identity)
    }

    /// Nil when the file at `path` is not the one with this header and build id: a new version may have taken its place.
    init?(path: String, expecting header: ElfHeader, buildID: [UInt8]) {
        guard let file = OpenFile(path), let identity = file.identity(), let found = ElfHeader(file),
            found.segments == header.segments, found.buildID(in: file, place: \.offset) == buildID
        else { return nil }
        self.path = path
        self.identity = identity
        // The file's section table, as the kernel and the loader map it only by chance.
        self.header = found
        self.buildID = buildID
        origin = 0
    }

    /// A file that is no image of this process.
    init?(path: String) {
        guard let file = OpenFile(path), let header = ElfHeader(file) else { return nil }
        self.init(path: path, expecting: header, buildID: header.buildID(in: file, place: \.offset))
    }

    init(memoryAt base: UInt, header: ElfHeader, buildID: [UInt8]) {
        path = "/proc/self/mem"
        origin = UInt64(base)
        identity = nil
        self.header = header
        self.buildID = buildID
    }

    /// A file of debug information that belongs to `image`, where distributions put them.
    init?(debugFileFor image: ImageFile) {
        guard image.buildID.count > 2, image.identity != nil else { return nil }
        let digits = image.buildID.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }
        let path = "/usr/lib/debug/.build-id/\(digits[0])/\(digits[1...].joined()).debug"
        guard let file = OpenFile(path), let identity = file.identity(), let header = ElfHeader(file) else {
            return nil
        }
        // The program headers of such a file describe the image, so offsets of notes are not to be trusted: look in sections.
        guard let note = ElfSections(header, in: file)[".note.gnu.build-id"], note.size <= 1 << 12,
            let bytes = file.exactly(note.size, at: note.offset),
            bytes.suffix(image.buildID.count) == image.buildID[...]
        else { return nil }
        self.path = path
        self.identity = identity
        self.header = header
        buildID = image.buildID
        origin = 0
    }

    /// Nil when the file has gone or is another one now.
    func open() -> OpenFile? {
        guard let file = OpenFile(path, origin: origin) else { return nil }
        return identity == nil || file.identity() == identity ? file : nil
    }
}

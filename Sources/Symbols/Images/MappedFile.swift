// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The mappings of one file that may be an image, and how to find out: what is in memory decides, the file is checked against it.
struct MappedFile: Hashable {
    let file: ImageMapping.File
    /// Where code is; enough to tell an image from another one.
    let code: [ImageMapping]
    /// Where the beginning of the file is. One is the image's, others somebody's who reads the file, or of a second copy (dlmopen).
    let beginnings: [ImageMapping]

    static func == (one: MappedFile, other: MappedFile) -> Bool { one.code == other.code }
    func hash(into hasher: inout Hasher) { hasher.combine(code) }

    /// An image, what the loader added to the addresses in the file, and the file if it can still be read.
    typealias Image = (image: LoadedImage, bias: UInt, file: ImageFile?)

    /// Those with code, in order of the address of their code.
    static func all(in mappings: [ImageMapping]) -> [MappedFile] {
        Dictionary(grouping: mappings, by: \.file).compactMap { file, mappings in
            let code = mappings.filter(\.isExecutable)
            return code.isEmpty
                ? nil : MappedFile(file: file, code: code, beginnings: mappings.filter { $0.fileOffset == 0 })
        }.sorted { $0.code[0].range.lowerBound < $1.code[0].range.lowerBound }
    }

    /// What is loaded of this file. Empty when there is no ELF header, or none that describes the code.
    func images(isExecutable: Bool) -> [Image] { beginnings.compactMap { image($0, isExecutable: isExecutable) } }

    private func image(_ beginning: ImageMapping, isExecutable: Bool) -> Image? {
        let base = beginning.range.lowerBound
        let mark = " (deleted)"
        let isDeleted = file.path.hasSuffix(mark)
        let path = isDeleted ? String(file.path.dropLast(mark.count)) : file.path
        let location = isExecutable ? "/proc/self/exe" : path
        // Memory can be closed to us (a process that is not dumpable): then the file has to be believed.
        let memory = OpenFile("/proc/self/mem", origin: UInt64(base))
        guard let header = memory.flatMap(ElfHeader.init) ?? OpenFile(location).flatMap(ElfHeader.init) else {
            return nil
        }
        let bias = UInt64(base) &- header.startAddress
        let code = code.filter { Self.bias(of: $0, header) == bias }
        guard !code.isEmpty else { return nil }
        let buildID: [UInt8]
        if let memory {
            buildID = header.buildID(in: memory) { $0.address &- header.startAddress }
        } else {
            buildID = OpenFile(location).map { header.buildID(in: $0, place: \.offset) } ?? []
        }
        let contents =
            file.path == ImageMapping.vdso
            ? ImageFile(memoryAt: base, header: header, buildID: buildID)
            : ImageFile(path: location, expecting: header, buildID: buildID)
        let image = LoadedImage(
            name: path.split(separator: "/").last.map(String.init) ?? path, path: path, base: base, buildID: buildID,
            code: code.map { LoadedImage.CodeRange(range: $0.range, fileOffset: $0.fileOffset) }, isDeleted: isDeleted)
        return (image, UInt(bias), contents)
    }

    /// What must have been added to the addresses of the segment this is mapped from.
    private static func bias(of mapping: ImageMapping, _ header: ElfHeader) -> UInt64? {
        let offset = UInt64(mapping.fileOffset)
        let segment = header.segments.first { segment in
            segment.type == ElfHeader.Segment.load && segment.isExecutable && segment.offset & ~4095 <= offset
                && offset < segment.offset &+ segment.fileSize
        }
        return segment.map { UInt64(mapping.range.lowerBound) &- ($0.address &- $0.offset &+ offset) }
    }
}

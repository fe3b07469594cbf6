// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// A task's handle and its continuation are the same address. Where a word lies in an object whose type says that a `Task` is
// there, it is a handle. Anything that is not understood to the end is none. Source: swiftlang/swift, ABI/Metadata.h,
// RemoteInspection/Records.h (fields), docs/ABI/Mangling.rst, stdlib/public/core (the storage of collections).

/// Tells words that are handles of tasks by the type of the object that they lie in. Stops nobody, takes
/// no lock.
package struct HandlePlaces {
    private let proof: MetadataProof
    private var words: WordReader { proof.words }
    /// By the metadata of a class: where its instances have handles.
    private var fields: [UInt: Set<UInt>] = [:]
    /// What the storage of a collection holds, by its metadata.
    private var storages: [UInt: Storage?] = [:]
    /// The first words of the last block that was asked about: its words come one after the other.
    private var last: (block: UInt, header: [UInt]) = (0, [])

    private enum Storage {
        case array(ofHandles: Bool)
        case set(ofHandles: Bool)
        case dictionary(keysAreHandles: Bool, valuesAreHandles: Bool)
    }

    /// Bytes from an object's start.
    private enum Place {
        static let elements: UInt = 32  // of an array
        static let keys: UInt = 48  // the address of a dictionary's keys, or of a set's elements
        static let values: UInt = 56
    }

    package init(read: @escaping MemoryReader) {
        let surroundings = BlockCensus.Surroundings(MappedArea.current(), read)
        let words = WordReader(read: read)
        // Any class of Swift's has them before its metadata.
        let ours = unsafeBitCast(PresentPages.self as AnyClass, to: UInt.self)
        proof = MetadataProof(
            images: surroundings.images, words: words, nativeWitnesses: words.load(ours - 8, as: UInt.self) ?? 0,
            mayBePool: BlockTally.mayBePool)
    }

    /// Whether the word at `location`, in a block, is a handle. Cost: some reads, the first time for a type some dozens.
    package mutating func isHandle(at location: UInt, in block: Range<UInt>) -> Bool {
        if last.block != block.lowerBound {
            guard let header = words.words(block.lowerBound, count: 2) else { return false }
            last = (block.lowerBound, header)
        }
        let header = last.header
        guard MetadataProof.isReferenceCounts(header[1]) else { return false }
        let metadata = header[0]
        if fields[metadata] == nil {
            guard proof.verdict(metadata).kind == .class else { return false }
            fields[metadata] = handleFields(of: metadata)
            storages[metadata] = storage(metadata)
        }
        let offset = location &- block.lowerBound
        if fields[metadata]?.contains(offset) == true { return true }
        switch storages[metadata] ?? nil {
        case .array(let ofHandles): return ofHandles && offset >= Place.elements
        case .set(let ofHandles):
            guard let keys = words.load(block.lowerBound &+ Place.keys, as: UInt.self) else { return false }
            return ofHandles && block.contains(keys) && location >= keys
        case .dictionary(let keysAreHandles, let valuesAreHandles):
            guard let keys = words.load(block.lowerBound &+ Place.keys, as: UInt.self),
                let values = words.load(block.lowerBound &+ Place.values, as: UInt.self),
                block.lowerBound &+ Place.values < keys, keys < values, block.contains(values)
            else { return false }
            return location >= values ? valuesAreHandles : location >= keys && keysAreHandles
        case nil: return false
        }
    }

    // MARK: Collections

    private func storage(_ metadata: UInt) -> Storage? {
        guard let descriptor = words.load(metadata &+ 40, as: UInt.self), module(of: descriptor) == "Swift",
            let name = name(of: descriptor), let arguments = genericArguments(metadata, descriptor)
        else { return nil }
        let areHandles = arguments.map(isHandleType)
        switch name {
        case "_ContiguousArrayStorage" where areHandles.count >= 1: return .array(ofHandles: areHandles[0])
        case "_SetStorage" where areHandles.count >= 1: return .set(ofHandles: areHandles[0])
        case "_DictionaryStorage" where areHandles.count >= 2:
            return .dictionary(keysAreHandles: areHandles[0], valuesAreHandles: areHandles[1])
        default: return nil
        }
    }

    /// The first of what a class adds to its metadata, if its superclass is of no other module.
    private func genericArguments(_ metadata: UInt, _ descriptor: UInt) -> [UInt]? {
        guard let head = words.load(descriptor, as: UInt32.self), head >> 29 & 1 == 0,
            let size = words.load(descriptor &+ 28, as: UInt32.self), size < 4096,
            let count = words.load(descriptor &+ 32, as: UInt32.self), count <= size
        else { return nil }
        return words.words(metadata &+ UInt(size - count) * 8, count: Int(min(count, 2)))
    }

    /// `Task` or an optional one, by its metadata.
    private func isHandleType(_ metadata: UInt) -> Bool {
        guard let type = words.words(metadata, count: 3) else { return false }
        return isTask(metadata) || type[0] == 0x202 && isTask(type[2])
    }

    private func isTask(_ metadata: UInt) -> Bool {
        guard let type = words.words(metadata, count: 2), type[0] == 0x200 else { return false }
        // Its module calls itself Swift.
        return name(of: type[1]) == "Task" && module(of: type[1]) == "Swift"
    }

    // MARK: Fields

    private func handleFields(of metadata: UInt) -> Set<UInt> {
        var found: Set<UInt> = []
        var next = metadata
        for _ in 0..<64 where next != 0 {
            guard let descriptor = words.load(next &+ 40, as: UInt.self), descriptor & 3 == 0,
                proof.images.contains(descriptor), let head = words.load(descriptor, as: UInt32.self),
                head & 0x1f == 16,
                // Offsets of one with a superclass of another module lie elsewhere.
                head >> 29 & 1 == 0,
                let count = words.load(descriptor &+ 36, as: UInt32.self), count <= 1024,
                let vector = words.load(descriptor &+ 40, as: UInt32.self), vector < 4096
            else { break }
            if count > 0, vector > 0, let fields = relative(descriptor &+ 16),
                words.load(fields &+ 10, as: UInt16.self) == 12,
                words.load(fields &+ 12, as: UInt32.self) == count,
                let offsets = words.words(next &+ UInt(vector) * 8, count: Int(count))
            {
                for (index, offset) in offsets.enumerated() where offset >= 16 && offset < 1 << 30 {
                    guard let name = relative(fields &+ 16 &+ UInt(index) * 12 &+ 4) else { continue }
                    if isHandleName(name) { found.insert(offset) }
                }
            }
            next = words.load(next &+ 8, as: UInt.self) ?? 0
        }
        return found
    }

    /// Whether the mangled name at `name` is that of `Task` or an optional one. What cannot be copied, such as a Mutex, has a
    /// function there in place of a name, which tells nothing before the runtimes of later years.
    private func isHandleName(_ name: UInt) -> Bool {
        mangledName(name).map { HandleTypeName.isHandle($0[...]) } ?? false
    }

    // MARK: Names

    private func name(of descriptor: UInt) -> String? {
        guard descriptor & 3 == 0, proof.images.contains(descriptor) else { return nil }
        return relative(descriptor &+ 8).flatMap(text)
    }

    /// Of a type that is not inside another.
    private func module(of descriptor: UInt) -> String? {
        guard let parent = relative(descriptor &+ 4),
            words.load(parent, as: UInt32.self).map({ $0 & 0x1f == 0 }) == true
        else { return nil }
        return relative(parent &+ 8).flatMap(text)
    }

    /// What the distance at `field` leads to; its low bit says that a pointer to it lies there.
    private func relative(_ field: UInt) -> UInt? {
        guard let distance = words.load(field, as: Int32.self), distance != 0 else { return nil }
        let target = field &+ UInt(bitPattern: Int(distance & ~1))
        return distance & 1 == 0 ? target : words.load(target, as: UInt.self)
    }

    private func text(_ address: UInt) -> String? {
        let bytes = bytes(address, 64)
        return bytes.firstIndex(of: 0).map { String(decoding: bytes[..<$0], as: UTF8.self) }
    }

    private func bytes(_ address: UInt, _ limit: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
            initialized = words.read(address, UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// With references to types in it, each 5 bytes.
    private func mangledName(_ address: UInt) -> [UInt8]? {
        let bytes = bytes(address, 512)
        var length = 0
        while length < bytes.count, bytes[length] != 0 {
            switch bytes[length] {
            case 0x01...0x17: length += 5
            case 0x18...0x1f: length += 9
            default: length += 1
            }
        }
        return length > 0 && length < bytes.count ? Array(bytes[..<length]) : nil
    }
}

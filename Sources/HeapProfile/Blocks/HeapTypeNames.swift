// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Names for what a census counted. Only for keys that were proved; takes locks of the runtime's and allocates, so never while
/// anything is stopped.
package struct HeapTypeNames {
    private let words: WordReader
    /// `Swift.Int` for `$sSiD`; nil when it is no mangled name.
    private let demangle: (String) -> String?

    package init(read: @escaping MemoryReader, demangle: @escaping (String) -> String?) {
        words = WordReader(read: read)
        self.demangle = demangle
    }

    /// The name as Swift prints it, or what there is to say of an object that Swift has no type for.
    package func name(_ type: BlockCounts.TypeCount) -> String {
        switch type.kind {
        case .class: return Self.typeName(type.key)
        case .context: return contextName(type.key)
        case .genericBox: return "box (\(valueTypeName(words.load(type.key &+ 16) ?? 0)))"
        case .error: return type.key & 1 == 0 ? "error" : "error (\(valueTypeName(type.key & ~1)))"
        case .task: return "Swift.Task"
        case .job: return "Swift.Job"
        case .none: return Self.unnamed(type.key)
        }
    }

    private static func unnamed(_ address: UInt) -> String { "type at 0x" + String(address, radix: 16) }

    /// As `String(reflecting:)` has it.
    private static func typeName(_ metadata: UInt) -> String {
        _typeName(unsafeBitCast(metadata, to: Any.Type.self), qualified: true)
    }

    /// The name of any type whose metadata says what it is; of others the address.
    private func valueTypeName(_ metadata: UInt) -> String {
        guard metadata & 7 == 0, let kind = words.load(metadata, as: UInt.self) else { return Self.unnamed(metadata) }
        switch kind {
        case 0, 0x200...0x203:  // class, struct, enum, optional, foreign class: with a descriptor of that kind
            let place = metadata &+ (kind == 0 ? 40 : 8)
            guard let descriptor = words.load(place, as: UInt.self), descriptor & 3 == 0,
                let flags = words.load(descriptor, as: UInt32.self), (16...18).contains(flags & 0x1f)
            else { return Self.unnamed(metadata) }
            return Self.typeName(metadata)
        case 0x300...0x307: return Self.typeName(metadata)  // tuple, function, existential and their like
        default: return Self.unnamed(metadata)
        }
    }

    /// A closure's captures, by their types. A box whose type was known when compiled looks the same as a closure that
    /// captured one value.
    private func contextName(_ metadata: UInt) -> String {
        let descriptor = words.load(metadata &+ 16, as: UInt.self) ?? 0
        guard descriptor != 0, let count = words.load(descriptor, as: UInt32.self), count <= 256 else {
            return "closure context at 0x" + String(metadata, radix: 16)
        }
        let names = (0..<UInt(count)).map { index -> String in
            let field = descriptor &+ 12 &+ 4 &* index
            guard let distance = words.load(field, as: Int32.self) else { return "?" }
            return captureName(field &+ UInt(bitPattern: Int(distance)))
        }
        return (count == 1 ? "closure context or box (" : "closure context (") + names.joined(separator: ", ") + ")"
    }

    /// The type that a mangled name in an image's data means, in which a byte below 0x20 says that a reference follows.
    private func captureName(_ address: UInt) -> String {
        guard let name = mangledName(address), let pointer = UnsafePointer<UInt8>(bitPattern: address) else {
            return "?"
        }
        // The name lies in data of an image, which stays where it is.
        if Self.isConcrete(name),
            let type = _getTypeByMangledNameInContext(
                pointer, UInt(name.count), genericContext: nil, genericArguments: nil)
        {
            return _typeName(type, qualified: true)
        }
        guard name.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) else { return "?" }
        return demangle("$s" + String(decoding: name, as: UTF8.self) + "D") ?? "?"
    }

    /// Whether a name is made of whole types, generic arguments, tuples, functions and existentials only. The runtime ends the
    /// process over some that have parameters, such as packs, of a generic context that it was not told.
    static func isConcrete(_ name: [UInt8]) -> Bool {
        var index = 0
        while index < name.count {
            switch name[index] {
            case 0x01, 0x02: index += 5
            case UInt8(ascii: "S"), UInt8(ascii: "Y"): index += 2
            case UInt8(ascii: "y"), UInt8(ascii: "G"), UInt8(ascii: "_"), UInt8(ascii: "t"), UInt8(ascii: "p"),
                UInt8(ascii: "c"), UInt8(ascii: "K"), UInt8(ascii: "d"), UInt8(ascii: "n"):
                index += 1
            default: return false
            }
        }
        return true
    }

    private func mangledName(_ address: UInt) -> [UInt8]? {
        let limit = 1024
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
            initialized = words.read(address, UnsafeMutableRawBufferPointer(buffer))
        }
        var length = 0
        while length < bytes.count, bytes[length] != 0 {
            switch bytes[length] {
            case 0x01...0x17: length += 5  // a distance of 4 bytes follows
            case 0x18...0x1f: length += 9  // an address
            default: length += 1
            }
        }
        return length > 0 && length < bytes.count ? Array(bytes[..<length]) : nil
    }
}

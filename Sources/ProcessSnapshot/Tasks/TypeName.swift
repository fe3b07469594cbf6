// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The type of an object, read from its metadata. Not by `swift_getTypeName` or `_typeName`: those take locks of the runtime's
/// that a stuck thread may hold, and follow pointers that may dangle.
///
/// Source: swiftlang/swift, ABI/Metadata.h: class metadata has its descriptor at 40 (without Objective-C), a descriptor its
/// parent at 4 and its name at 8, both as distances from where they stand.
package enum TypeName {
    /// Such as `App.Cache`, generic arguments left out; nil when there is no such object. Cost: some 3 µs.
    package static func ofObject(at address: UInt) -> String? {
        guard let metadata = ProcessMemory.load(address, as: UInt.self), metadata & 7 == 0,
            ProcessMemory.load(metadata, as: UInt.self) == 0,  // the kind: a class
            let descriptor = ProcessMemory.load(metadata &+ 40, as: UInt.self)
        else { return nil }
        return ofDescriptor(at: descriptor)
    }

    private enum Kind: UInt32 {
        case module = 0
        case `extension`, anonymous, `protocol`
        case `class` = 16
        case `struct`, `enum`
    }

    private static func ofDescriptor(at address: UInt) -> String? {
        var parts: [String] = []
        var next: UInt? = address
        for depth in 0..<16 {
            guard let descriptor = next, descriptor & 3 == 0,
                let flags = ProcessMemory.load(descriptor, as: UInt32.self),
                let kind = Kind(rawValue: flags & 0x1f)
            else { break }
            if depth == 0, kind != .class { return nil }
            if kind != .extension, kind != .anonymous {
                guard let name = relative(descriptor &+ 8).flatMap({ ProcessMemory.text($0) }), isName(name) else {
                    return nil
                }
                parts.append(name)
            }
            if kind == .module { return parts.reversed().joined(separator: ".") }
            next = relative(descriptor &+ 4)
        }
        return nil
    }

    /// What the distance at `field` leads to; its low bit says that a pointer to it lies there.
    private static func relative(_ field: UInt) -> UInt? {
        guard let distance = ProcessMemory.load(field, as: Int32.self), distance != 0 else { return nil }
        let target = field &+ UInt(bitPattern: Int(distance & ~1))
        return distance & 1 == 0 ? target : ProcessMemory.load(target, as: UInt.self)
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count < 256
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\u{FFFD}" }
    }
}

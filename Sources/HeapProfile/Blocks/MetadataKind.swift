// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What the first word of a heap object leads to. The values are the runtime's: swiftlang/swift, ABI/MetadataKind.def.
package enum MetadataKind: UInt16, Sendable {
    /// No metadata of an object.
    case none = 0xffff
    case `class` = 0
    /// What a closure captured, or a box of a type known when compiled.
    case context = 0x400
    case genericBox = 0x500
    case error = 0x501
    case task = 0x502
    case job = 0x503
}

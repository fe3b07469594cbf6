// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A module of this process: the executable, a library, or the kernel's `[vdso]`.
package struct LoadedImage: Sendable, Hashable {
    /// Code that is mapped in one piece.
    package struct CodeRange: Sendable, Hashable {
        package let range: Range<UInt>
        package let fileOffset: UInt
    }

    /// The last part of the path, or `[vdso]`.
    package let name: String
    /// Where the file was when it was mapped; without the kernel's `(deleted)`.
    package let path: String
    /// Where byte 0 of the file is mapped.
    package let base: UInt
    /// NT_GNU_BUILD_ID as it is in memory; empty when there is none.
    package let buildID: [UInt8]
    /// In order of address.
    package let code: [CodeRange]
    package let isDeleted: Bool

    /// As tools print it: lower-case hexadecimal.
    package var buildIDText: String {
        buildID.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A function of a module's symbol table.
package struct FunctionSymbol: Sendable, Hashable {
    /// Mangled.
    package let name: String
    package let start: UInt
    /// The module's path, or `[vdso]`.
    package let image: String
}

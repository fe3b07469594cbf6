// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The functions through which a program allocates without having written their names.
package enum AllocationRuntime {
    private static let prefixes = [
        "swift_", "_swift_", "_ZN5swift", "_ZNK5swift",  // Swift's runtime
        "_Znw", "_Zna",  // operator new
    ]

    /// Whether a function, by its name in the symbol table, is one of these.
    package static func has(_ symbol: String) -> Bool {
        if prefixes.contains(where: { symbol.hasPrefix($0) }) { return true }
        // `_ZL9swift_foo…`: a static function of the runtime's.
        return symbol.hasPrefix("_ZL") && symbol.dropFirst(3).drop(while: \.isNumber).hasPrefix("swift_")
    }

    /// The stack from the function on that allocated; all of it where there is none but the runtime's.
    package static func trimmed(_ stack: [UInt], isRuntime: (UInt) -> Bool) -> ArraySlice<UInt> {
        let rest = stack.drop(while: isRuntime)
        return rest.isEmpty ? stack[...] : rest
    }
}

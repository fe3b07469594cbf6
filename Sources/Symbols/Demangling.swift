// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Runtime

/// A name for people.
package struct DemangledName: Sendable {
    package let text: String
    let isThunk: Bool
    let isRuntimeFailure: Bool

    /// Cost: some 5 µs. Source: the toolchain's Runtime module, the part of it that is public; Itanium C++ names are demangled
    /// too, and what is no mangled name comes back as it is.
    package init(mangled: String) {
        let symbol = SymbolicatedBacktrace.Symbol(
            imageIndex: 0, imageName: "", rawName: mangled, offset: 0, sourceLocation: nil)
        text = Self.completed(symbol.name)
        isThunk = symbol.isSwiftThunk
        isRuntimeFailure = mangled.hasPrefix("Swift runtime failure: ")
    }

    /// Two names that come out unfinished: closures at the top level of a program, whose context has no name, and the parts
    /// of an async program's main function.
    private static func completed(_ name: String) -> String {
        if name.hasSuffix(" in ") { return name + "top-level code" }
        if name == "async_Main" || name.hasPrefix("async_MainT") { return "top-level code" }
        return name
    }
}

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Runtime

/// A name for people.
struct DemangledName: Sendable {
    let text: String
    let isThunk: Bool
    let isRuntimeFailure: Bool

    /// Cost: some 5 µs. Source: the toolchain's Runtime module, the part of it that is public; Itanium C++ names are demangled
    /// too, and what is no mangled name comes back as it is.
    init(mangled: String) {
        let symbol = SymbolicatedBacktrace.Symbol(
            imageIndex: 0, imageName: "", rawName: mangled, offset: 0, sourceLocation: nil)
        text = symbol.name
        isThunk = symbol.isSwiftThunk
        isRuntimeFailure = mangled.hasPrefix("Swift runtime failure: ")
    }
}
